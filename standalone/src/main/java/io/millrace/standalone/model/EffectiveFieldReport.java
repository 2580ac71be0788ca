package io.millrace.standalone.model;

import io.millrace.standalone.terminal.UserError;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorNetwork;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.detector.EffectiveField;
import io.millrace.vision.detector.EffectiveFields;
import io.millrace.vision.picture.PictureWriter;
import io.millrace.vision.receptive.GradientPainter;
import io.millrace.vision.receptive.KnownNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What {@code millrace rf --effective} prints and draws. */
final class EffectiveFieldReport {

  private static final long SEED = 1;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private final String config;
  private final boolean json;
  private final @Nullable Path picture;

  /**
   * Of a detector.
   *
   * @param config a preset, a file or a model folder
   * @param json whether JSON is printed
   * @param picture a PNG file to draw into
   */
  EffectiveFieldReport(String config, boolean json, @Nullable Path picture) {
    this.config = config;
    this.json = json;
    this.picture = picture;
  }

  /** A line of the JSON form. */
  private record Row(
      int stride, int branch, double effectiveSize, double sizeOfLayers, double share) {
    static Row of(EffectiveField field) {
      return new Row(
          field.stride(),
          field.branch(),
          field.size(),
          field.layers().size(),
          field.shareOfLayers());
    }
  }

  int run(int pictures) {
    if (pictures < 1 || pictures > EffectiveFields.MOST_PICTURES) {
      throw new UserError(
          "--pictures must be 1 to %d, it is %d"
              .formatted(EffectiveFields.MOST_PICTURES, pictures));
    }
    TensorEngine engine = TensorEngine.start("cpu");
    try (DetectorNetwork network = network(engine)) {
      List<EffectiveField> fields = new EffectiveFields(engine, network).measure(pictures, SEED);
      if (picture != null) {
        draw(fields, picture);
      }
      if (json) {
        System.out.println(JSON.writeValueAsString(fields.stream().map(Row::of).toList()));
      } else {
        fields.forEach(field -> System.out.println(line(field)));
      }
    }
    return 0;
  }

  private DetectorNetwork network(TensorEngine engine) {
    String name = config.toLowerCase(Locale.ROOT);
    if (KnownNetworks.byName().containsKey(name)) {
      throw new UserError(config + " has no weights here: only its layers are known");
    }
    Path path = Path.of(config);
    boolean preset = DetectorPresets.NAMES.contains(name);
    try {
      if (!preset && Files.isDirectory(path)) {
        return DetectorNetwork.load(engine, path);
      }
      DetectorConfig shape = preset ? DetectorPresets.of(name) : ReceptiveFieldCommand.read(path);
      return DetectorNetwork.create(engine, shape, SEED);
    } catch (IOException e) {
      throw new UserError(ModelSource.reason(e), e);
    }
  }

  private static String line(EffectiveField field) {
    return String.format(
        Locale.ROOT,
        "%-28s %.0f %% of the gradient within %.0f pixels, %.0f %% of the %.0f of its layers",
        "stride %d, branch %d".formatted(field.stride(), field.branch()),
        100 * EffectiveField.SHARE,
        field.size(),
        100 * field.shareOfLayers(),
        field.layers().size());
  }

  private static void draw(List<EffectiveField> fields, Path file) {
    List<GradientPainter.Panel> panels =
        fields.stream()
            .map(field ->
                new GradientPainter.Panel(
                    field.gradients(), field.x(), field.y(), field.layers().size(), field.size()))
            .toList();
    try {
      PictureWriter.writePng(GradientPainter.paint(panels), file);
    } catch (IOException e) {
      throw new UserError("cannot write " + file + ": " + e, e);
    }
  }
}
