package io.millrace.training.task;

import io.millrace.language.train.DocumentPolicy;
import io.millrace.language.train.Precision;
import io.millrace.platform.error.MillraceException;
import java.util.Arrays;
import java.util.Locale;

/**
 * How a model learns, beyond its preset: settings of language runs.
 *
 * @param accumulation batches whose gradients are added up for a step, from 1
 * @param recomputeEvery that layer is computed again for its backward pass; 0: none
 * @param emaDecay of the moving average of the weights that is published; 0: the weights are
 * @param documents whether documents of one pack see each other
 * @param precision of the body's products
 */
public record TaskOptions(
    int accumulation,
    int recomputeEvery,
    double emaDecay,
    DocumentPolicy documents,
    Precision precision) {

  /** What a run has that asks for none of these. */
  public static TaskOptions standard() {
    return new TaskOptions(
        /* accumulation= */ 1,
        /* recomputeEvery= */ 0,
        /* emaDecay= */ 0,
        DocumentPolicy.ISOLATED,
        Precision.F32);
  }

  /** A policy for documents as clients spell it. */
  public static String spelled(DocumentPolicy policy) {
    return policy.name().toLowerCase(Locale.ROOT);
  }

  /**
   * The policy for documents of that spelling; isolated for an empty one.
   *
   * @throws MillraceException INVALID_ARGUMENT naming those there are
   */
  public static DocumentPolicy documents(String spelling) {
    return spelling.isEmpty()
        ? DocumentPolicy.ISOLATED
        : Arrays.stream(DocumentPolicy.values())
            .filter(policy -> spelled(policy).equals(spelling))
            .findFirst()
            .orElseThrow(() ->
                MillraceException.invalid(
                    "documents",
                    "documents must be isolated or crossing; it is '%s'".formatted(spelling)));
  }

  /**
   * The precision of that spelling; float32 for an empty one.
   *
   * @throws MillraceException INVALID_ARGUMENT naming those there are
   */
  public static Precision precision(String spelling) {
    try {
      return spelling.isEmpty() ? Precision.F32 : Precision.of(spelling);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("precision", String.valueOf(e.getMessage()));
    }
  }
}
