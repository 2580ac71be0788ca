package io.millrace.tensor.optimizer;

/** Gradients hold NaN or infinity; neither weights nor moments were changed. */
public final class NonFiniteGradientException extends ArithmeticException {

  private static final long serialVersionUID = 1L;

  NonFiniteGradientException(double norm, long step) {
    super(
        "the norm of the gradients of step %d is %s; weights and optimizer state are unchanged"
            .formatted(step, norm));
  }
}
