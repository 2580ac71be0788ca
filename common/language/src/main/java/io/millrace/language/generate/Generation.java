package io.millrace.language.generate;

import java.util.List;

/**
 * One sequence being continued with a cache of its own, a token a call; to be closed, at the end or
 * before.
 */
public final class Generation implements AutoCloseable {

  private final Sequence sequence;
  private final LatentCache cache;
  private final Sampler sampler;
  private float[] logits;

  /** Reads the sequence. */
  Generation(Sequence sequence, LatentCache cache) {
    this.sequence = sequence;
    this.cache = cache;
    this.sampler = new Sampler(sequence.sampling());
    this.logits = cache.read(sequence.tokens(0, sequence.length()));
  }

  /** Logits of the token to come, one a vocabulary entry, as the model says them; not a copy. */
  public float[] logits() {
    if (unread() > 0) {
      this.logits = cache.read(sequence.tokens(cache.length(), sequence.length()));
    }
    return logits;
  }

  private int unread() {
    return sequence.length() - cache.length();
  }

  /**
   * Has the newest tokens of several generations of one decoder read in one call, so that their
   * logits are there.
   */
  static void readTogether(List<Generation> generations) {
    List<Generation> one = generations.stream().filter(each -> each.unread() == 1).toList();
    if (one.size() < 2) {
      return; // logits() reads it, by the faster kernel for one.
    }
    long[] tokens =
        one.stream()
            .mapToLong(each -> each.sequence.tokens(each.cache.length(), each.sequence.length())[0])
            .toArray();
    List<float[]> logits =
        LatentCache.readTogether(one.stream().map(each -> each.cache).toList(), tokens);
    for (int i = 0; i < tokens.length; i++) {
      one.get(i).logits = logits.get(i);
    }
  }

  /**
   * Chooses the next token, of those that the sequence's constraint lets through. It is read when
   * the one after it is asked for: nobody may.
   *
   * @throws IllegalStateException if as many tokens as announced were generated
   */
  public int next() {
    if (sequence.remaining() == 0) {
      throw new IllegalStateException(
          "all " + sequence.length() + " places of the cache are taken");
    }
    float[] allowed = logits().clone();
    sequence.constraint().mask(allowed);
    int token = sampler.next(allowed);
    sequence.append(token);
    return token;
  }

  @Override
  public void close() {
    cache.close();
  }
}
