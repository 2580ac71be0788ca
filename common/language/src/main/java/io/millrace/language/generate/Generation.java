package io.millrace.language.generate;

import io.millrace.language.model.Said;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One sequence being continued with a cache of its own, a token a call; to be closed, at the end or
 * before.
 */
public final class Generation implements AutoCloseable {

  private final Sequence sequence;
  private final LatentCache cache;
  private final Sampler sampler;
  private float @Nullable [] logits; // null while the likeliest token is all that was asked for
  private int likeliest;

  /** Reads the sequence. */
  Generation(Sequence sequence, LatentCache cache) {
    this.sequence = sequence;
    this.cache = cache;
    this.sampler = new Sampler(sequence.sampling());
    this.logits = cache.read(sequence.tokens(0, sequence.length()));
  }

  /** Logits of the token to come, one a vocabulary entry, as the model says them; not a copy. */
  public float[] logits() {
    float[] known = logits;
    if (unread() > 0) {
      known = cache.read(sequence.tokens(cache.length(), sequence.length()));
    } else if (known == null) {
      known = cache.readAgain(sequence.tokens(sequence.length() - 1, sequence.length())[0]);
    }
    logits = known;
    return known;
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
    boolean likeliestOnly = one.stream().allMatch(Generation::isGreedy);
    Said said =
        LatentCache.readTogether(
            one.stream().map(each -> each.cache).toList(), tokens, likeliestOnly);
    for (int i = 0; i < tokens.length; i++) {
      one.get(i).hear(said, i, tokens.length);
    }
  }

  private boolean isGreedy() {
    return sequence.sampling().temperature() == 0;
  }

  private void hear(Said said, int place, int of) {
    if (said.likeliest().length > 0) {
      logits = null;
      likeliest = said.likeliest()[place];
    } else {
      int vocabulary = said.logits().length / of;
      logits = Arrays.copyOfRange(said.logits(), place * vocabulary, (place + 1) * vocabulary);
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
    int token = choose();
    sequence.append(token);
    return token;
  }

  private int choose() {
    Constraint constraint = sequence.constraint();
    if (logits == null && unread() == 0 && constraint.allows(likeliest)) {
      return likeliest;
    }
    float[] allowed = logits().clone();
    constraint.mask(allowed);
    return sampler.next(allowed);
  }

  @Override
  public void close() {
    cache.close();
  }
}
