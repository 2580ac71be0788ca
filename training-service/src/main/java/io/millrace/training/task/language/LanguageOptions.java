package io.millrace.training.task.language;

import io.millrace.language.train.DocumentPolicy;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.language.train.Precision;
import io.millrace.language.train.Recomputation;
import io.millrace.platform.error.MillraceException;
import io.millrace.training.task.SharedOptions;
import java.util.Arrays;
import java.util.Locale;

/**
 * How a language model learns, as clients spell it. This record is the one place that names these
 * options, checks them and says what they mean; {@code LanguageOptions} of the protobuf contract
 * has fields of the same names.
 *
 * @param accumulation batches whose gradients are added up for a step; 0: 1
 * @param recomputeEvery that layer is computed again for its backward pass; 0: none
 * @param emaDecay of the moving average of the weights that is published; 0: the weights are
 * @param mtpWeight of the loss of multi-token prediction, at most 10; DeepSeek-V3 has 0.3, and 0.1
 *     for its last third
 * @param documents {@code isolated} or {@code crossing}: whether documents of one pack see each
 *     other; empty: isolated
 * @param precision {@code f32}, {@code tf32}, {@code bf16} or {@code fp8}; empty: f32
 */
record LanguageOptions(
    int accumulation,
    int recomputeEvery,
    double emaDecay,
    double mtpWeight,
    String documents,
    String precision) {
  static final int MAX_LAYERS = 1024;
  static final double MAX_MTP_WEIGHT = 10;

  /** What a run has that asks for none of these. */
  static final LanguageOptions STANDARD = new LanguageOptions(1, 0, 0, 0.3, "", "");

  /**
   * Checks the options, and puts in what 0 and nothing stand for.
   *
   * @throws MillraceException INVALID_ARGUMENT naming one
   */
  LanguageOptions {
    accumulation = SharedOptions.accumulation(accumulation);
    SharedOptions.requireRange("recompute_every", recomputeEvery, MAX_LAYERS);
    emaDecay = SharedOptions.emaDecay(emaDecay);
    if (!(mtpWeight >= 0 && mtpWeight <= MAX_MTP_WEIGHT)) {
      throw MillraceException.invalid(
          "mtp_weight",
          "mtp_weight must be between 0 and %.0f; it is %s".formatted(MAX_MTP_WEIGHT, mtpWeight));
    }
    documents = spelled(policy(documents));
    precision = numbers(precision).key();
  }

  /** The trainer's settings. */
  LanguageTrainingSettings settings() {
    return LanguageTrainingSettings.deepSeek()
        .with(policy(documents))
        .with(new Recomputation(recomputeEvery))
        .withEma(emaDecay)
        .withMtpWeight(mtpWeight)
        .with(numbers());
  }

  /** The precision. */
  Precision numbers() {
    return numbers(precision);
  }

  private static String spelled(DocumentPolicy policy) {
    return policy.name().toLowerCase(Locale.ROOT);
  }

  private static DocumentPolicy policy(String spelling) {
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

  private static Precision numbers(String spelling) {
    try {
      return spelling.isEmpty() ? Precision.F32 : Precision.of(spelling);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("precision", String.valueOf(e.getMessage()));
    }
  }
}
