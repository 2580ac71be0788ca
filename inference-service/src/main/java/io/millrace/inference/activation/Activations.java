package io.millrace.inference.activation;

import io.millrace.platform.error.MillraceException;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.activation.ActivationCurves;
import io.millrace.tensor.engine.TensorEngine;
import java.util.List;
import org.springframework.stereotype.Component;

/** Computes activations, as networks do. */
@Component
public final class Activations {

  /** Where the first place is, unless it is asked for. */
  public static final double FROM = -5;

  /** Where the last place is. */
  public static final double TO = 5;

  /** How many there are. */
  public static final int POINTS = 201;

  private final TensorEngine engine;

  Activations(TensorEngine engine) {
    this.engine = engine;
  }

  /**
   * Values and derivatives.
   *
   * @param names none: of all
   * @throws MillraceException INVALID_ARGUMENT if there is no such activation, or are no such
   *     places
   */
  public ActivationCurves curves(List<String> names, double from, double to, int points) {
    require("from", () -> ActivationCurves.Request.requireRange(from, to));
    require("points", () -> ActivationCurves.Request.requirePoints(points));
    require("name", () -> Activation.named(names));
    return ActivationCurves.of(engine, new ActivationCurves.Request(names, from, to, points));
  }

  /** With what is wrong as a fault of that parameter. */
  private static void require(String parameter, Runnable check) {
    try {
      check.run();
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid(parameter, String.valueOf(e.getMessage()));
    }
  }
}
