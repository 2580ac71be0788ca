package io.millrace.language.generate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/** Chooses tokens from logits; deterministic for a seed on every machine. */
final class Sampler {

  private final SamplingSettings settings;
  private final RandomGenerator random;

  Sampler(SamplingSettings settings) {
    this.settings = settings;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(settings.seed());
  }

  /** The next token. */
  int next(float[] logits) {
    int best = argmax(logits);
    if (!Float.isFinite(logits[best])) {
      throw new IllegalStateException("the model's logits are not finite: " + logits[best]);
    }
    if (settings.temperature() == 0) {
      return best;
    }
    double[] weights = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp((logits[i] - logits[best]) / settings.temperature());
    }
    return settings.topK() == 0 && settings.topP() == 1
        ? draw(weights, IntStream.range(0, weights.length).toArray())
        : draw(weights, likeliest(weights));
  }

  /** Tokens that top-k, then top-p leave, the likeliest first. */
  private int[] likeliest(double[] weights) {
    int[] order =
        IntStream.range(0, weights.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -weights[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    int kept = settings.topK() == 0 ? order.length : Math.min(settings.topK(), order.length);
    double total = Arrays.stream(order, 0, kept).mapToDouble(i -> weights[i]).sum();
    double sum = 0;
    for (int i = 0; i < kept; i++) {
      sum += weights[order[i]];
      if (sum >= settings.topP() * total) {
        kept = i + 1;
      }
    }
    return Arrays.copyOf(order, kept);
  }

  private int draw(double[] weights, int[] candidates) {
    double total = 0;
    for (int i : candidates) {
      total += weights[i];
    }
    double left = random.nextDouble() * total;
    for (int i : candidates) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    return candidates[candidates.length - 1];
  }

  private static int argmax(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }
}
