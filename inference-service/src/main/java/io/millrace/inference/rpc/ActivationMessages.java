package io.millrace.inference.rpc;

import com.google.protobuf.ByteString;
import io.millrace.contracts.inference.v1.Activation;
import io.millrace.contracts.inference.v1.Activations;
import io.millrace.contracts.inference.v1.GetActivationsRequest;
import io.millrace.inference.activation.CurveFormat;
import io.millrace.tensor.activation.ActivationCurve;
import io.millrace.tensor.activation.ActivationCurves;
import java.util.List;

/** The contract's messages of activations. */
final class ActivationMessages {

  private ActivationMessages() {}

  /**
   * The answer to a request.
   *
   * @throws io.millrace.platform.error.MillraceException INVALID_ARGUMENT naming what is wrong
   */
  static Activations find(
      io.millrace.inference.activation.Activations activations, GetActivationsRequest request) {
    CurveFormat format =
        CurveFormat.of(request.getFormat().isEmpty() ? null : request.getFormat(), List.of());
    ActivationCurves curves =
        activations.curves(
            request.getNamesList(),
            request.hasFrom()
                ? request.getFrom()
                : io.millrace.inference.activation.Activations.FROM,
            request.hasTo() ? request.getTo() : io.millrace.inference.activation.Activations.TO,
            request.getPoints() == 0
                ? io.millrace.inference.activation.Activations.POINTS
                : request.getPoints());
    Activations.Builder answer = Activations.newBuilder();
    if (format == CurveFormat.JSON) {
      curves.activations().forEach(curve -> answer.addActivations(message(curve)));
    } else {
      answer.setImage(ByteString.copyFrom(format.encode(curves.chart(request.getDerivative()))));
    }
    return answer.build();
  }

  private static Activation message(ActivationCurve curve) {
    List<String> names = curve.activation().names();
    Activation.Builder message =
        Activation.newBuilder()
            .setName(names.getFirst())
            .addAllAliases(names.subList(1, names.size()))
            .addAllX(curve.x())
            .addAllValues(curve.values())
            .addAllDerivatives(curve.derivatives());
    if (curve.activation().hasSlope()) {
      message.setLearned(curve.activation().firstSlope());
    }
    return message.build();
  }
}
