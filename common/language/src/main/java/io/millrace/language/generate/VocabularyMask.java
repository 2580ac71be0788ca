package io.millrace.language.generate;

import io.millrace.language.tokenize.Tokenizer;
import java.util.Arrays;

/**
 * Rules out ids that stand for nothing: a model's vocabulary is often larger than its tokenizer's,
 * to be a round number, and a tokenizer may have holes. Has no state, so all sequences may share
 * it.
 */
public final class VocabularyMask implements Constraint {

  private final int[] without;

  VocabularyMask(int[] without) {
    this.without = without.clone();
    Arrays.sort(this.without);
  }

  /**
   * Rules out what a tokenizer has no token for.
   *
   * @param vocabSize ids of the model, from 0 on
   */
  public static VocabularyMask of(Tokenizer tokenizer, int vocabSize) {
    return new VocabularyMask(tokenizer.idsWithoutToken(vocabSize));
  }

  @Override
  public void mask(float[] logits) {
    for (int id : without) {
      logits[id] = Float.NEGATIVE_INFINITY;
    }
  }

  @Override
  public boolean allows(int token) {
    return Arrays.binarySearch(without, token) < 0;
  }

  @Override
  public void accept(int token) {}
}
