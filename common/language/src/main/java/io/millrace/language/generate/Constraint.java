package io.millrace.language.generate;

/**
 * Which tokens may come next. It changes what is chosen, never what the model says: logits that are
 * shown or scored are those before it.
 */
public interface Constraint {

  /**
   * Rules tokens out.
   *
   * @param logits one a vocabulary entry; those of tokens that must not come are set to negative
   *     infinity
   */
  void mask(float[] logits);

  /** Whether a token may come next: whether {@link #mask} leaves its logit. */
  boolean allows(int token);

  /** Hears which token was chosen. */
  void accept(int token);

  /** Any token may come. */
  static Constraint none() {
    return new VocabularyMask(new int[0]);
  }
}
