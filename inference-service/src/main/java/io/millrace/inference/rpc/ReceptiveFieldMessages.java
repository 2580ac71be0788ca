package io.millrace.inference.rpc;

import io.millrace.contracts.inference.v1.FieldLayer;
import io.millrace.contracts.inference.v1.GetReceptiveFieldRequest;
import io.millrace.contracts.inference.v1.MapField;
import io.millrace.contracts.inference.v1.ReceptiveField;
import io.millrace.inference.detect.ReceptiveFields;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.receptive.Field;

/** Messages of receptive fields. */
final class ReceptiveFieldMessages {

  private ReceptiveFieldMessages() {}

  /**
   * What is asked for.
   *
   * @throws MillraceException INVALID_ARGUMENT or NOT_FOUND
   */
  static ReceptiveFields.Result find(ReceptiveFields fields, GetReceptiveFieldRequest request) {
    return switch (request.getDetectorCase()) {
      case PRESET -> fields.ofPreset(request.getPreset());
      case MODEL -> fields.ofModel(request.getModel());
      case CONFIG -> fields.ofConfig(request.getConfig().toByteArray());
      case DETECTOR_NOT_SET ->
          throw MillraceException.invalid("preset", "preset is missing, or else model or config");
    };
  }

  static ReceptiveField response(ReceptiveFields.Result result) {
    ReceptiveField.Builder response =
        ReceptiveField.newBuilder()
            .setInputWidth(result.config().inputWidth())
            .setInputHeight(result.config().inputHeight())
            .addAllAdvice(result.fields().advice());
    result.fields().maps().forEach(map -> response.addMaps(message(map)));
    return response.build();
  }

  private static MapField message(io.millrace.vision.detector.MapField map) {
    MapField.Builder message =
        MapField.newBuilder()
            .setStride(map.stride())
            .setBranch(map.branch())
            .setSeesEverything(map.everything())
            .setSize(map.field().size())
            .setJump(map.field().jump())
            .setStart(map.field().start())
            .setMinObject(map.sizes().min());
    if (!Double.isInfinite(map.sizes().max())) {
      message.setMaxObject(map.sizes().max());
    }
    for (Field field : map.layers()) {
      message.addLayers(
          FieldLayer.newBuilder()
              .setName(field.name())
              .setSize(field.size())
              .setJump(field.jump())
              .setStart(field.start()));
    }
    return message.build();
  }
}
