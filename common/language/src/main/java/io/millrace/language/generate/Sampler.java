package io.millrace.language.generate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
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

  /** Whether any token may come, so that a draw alone decides which. */
  boolean drawsFromAll() {
    return settings.temperature() == 0 || (settings.topK() == 0 && settings.topP() == 1);
  }

  /** A draw from 0 to 1, 1 exclusive, for one token; 0 where nothing is left to chance. */
  double draw() {
    return settings.temperature() == 0 ? 0 : random.nextDouble();
  }

  /**
   * The next token; never one whose logit is negative infinity.
   *
   * @throws IllegalStateException if a logit is no number, or the largest is not finite
   */
  int next(float[] logits) {
    int best = argmax(logits);
    if (settings.temperature() == 0) {
      return best;
    }
    int[] tokens = candidates(logits);
    double[] weights = weights(tokens, logits, best);
    if (settings.topP() < 1) {
      double total = Arrays.stream(weights).sum();
      // Tokens below this do not matter even all together, and nearly all are.
      double least = (1 - settings.topP()) * total / tokens.length;
      int heavy = 0;
      for (int i = 0; i < tokens.length; i++) {
        if (weights[i] >= least) {
          tokens[heavy++] = tokens[i];
        }
      }
      tokens = likeliestFirst(Arrays.copyOf(tokens, heavy), logits);
      return drawFromNucleus(tokens, weights(tokens, logits, best), settings.topP() * total);
    }
    return draw(tokens, weights, tokens.length);
  }

  /** As many as may come, the likeliest first; where all may, in the order of the vocabulary. */
  private int[] candidates(float[] logits) {
    if (settings.topK() == 0) {
      return IntStream.range(0, logits.length).toArray();
    }
    int most = Math.min(settings.topK(), logits.length);
    // The least likely of those kept comes first; most tokens are compared with it and dropped.
    PriorityQueue<Long> kept = new PriorityQueue<>(most, Comparator.reverseOrder());
    for (int token = 0; token < logits.length; token++) {
      long key = key(token, logits);
      if (kept.size() < most) {
        kept.add(key);
      } else if (key < kept.element()) {
        kept.remove();
        kept.add(key);
      }
    }
    return tokens(kept.stream().mapToLong(Long::longValue).toArray());
  }

  /** From the first tokens whose weights reach a sum. */
  private int drawFromNucleus(int[] tokens, double[] weights, double enough) {
    double sum = 0;
    int kept = 0;
    while (kept < tokens.length && sum < enough) {
      sum += weights[kept++];
    }
    return draw(tokens, weights, kept);
  }

  /** Probabilities but for a factor; StrictMath because its results are the same everywhere. */
  private double[] weights(int[] tokens, float[] logits, int best) {
    double[] weights = new double[tokens.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] =
          StrictMath.exp(((double) logits[tokens[i]] - logits[best]) / settings.temperature());
    }
    return weights;
  }

  /** Equally likely ones stay in the order of the vocabulary. */
  private static int[] likeliestFirst(int[] tokens, float[] logits) {
    return tokens(Arrays.stream(tokens).mapToLong(token -> key(token, logits)).toArray());
  }

  /** The tokens of keys, likeliest first; sorts the keys. */
  private static int[] tokens(long[] keys) {
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  /** The less, the likelier; of equally likely tokens the first in the vocabulary has the least. */
  private static long key(int token, float[] logits) {
    int bits = Float.floatToIntBits(logits[token] + 0f); // no negative zero
    int ascending = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ~ascending << Integer.SIZE) | token;
  }

  private int draw(int[] tokens, double[] weights, int count) {
    double total = 0;
    for (int i = 0; i < count; i++) {
      total += weights[i];
    }
    double left = draw() * total;
    for (int i = 0; i < count; i++) {
      left -= weights[i];
      if (left < 0) {
        return tokens[i];
      }
    }
    // Rounding may leave a little; it goes to the last token that has a weight at all.
    int last = count - 1;
    while (weights[last] == 0) {
      last--;
    }
    return tokens[last];
  }

  private static int argmax(float[] logits) {
    int best = 0;
    for (int i = 0; i < logits.length; i++) {
      if (Float.isNaN(logits[i])) {
        throw new IllegalStateException("the model's logits are not finite: NaN of token " + i);
      }
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    if (!Float.isFinite(logits[best])) {
      throw new IllegalStateException("the model's logits are not finite: " + logits[best]);
    }
    return best;
  }
}
