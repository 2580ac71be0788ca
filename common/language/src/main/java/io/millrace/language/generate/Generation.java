package io.millrace.language.generate;

import io.millrace.language.model.Chance;
import io.millrace.language.model.Said;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One sequence being continued with a cache of its own, a token a call; to be closed, at the end or
 * before.
 */
public final class Generation implements AutoCloseable {

  private final Sequence sequence;
  private final LatentCache cache;
  private final Sampler sampler;
  private float @Nullable [] logits; // null while the model has chosen
  private int chosen;
  private @Nullable IntSupplier ahead; // what was chosen before it is asked for, or why not

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
   * Has the newest tokens of several generations of one decoder read in one call, and the next ones
   * drawn: by the model, or side by side, because a draw goes over the vocabulary several times.
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
    List<LatentCache> caches = one.stream().map(each -> each.cache).toList();
    Said said = LatentCache.readTogether(caches, tokens, chance(one));
    for (int i = 0; i < tokens.length; i++) {
      one.get(i).hear(said, i, tokens.length);
    }
    if (said.chosen().length == 0) {
      // The likeliest token is found sooner than another thread.
      one.parallelStream()
          .filter(each -> each.sequence.sampling().temperature() > 0)
          .forEach(Generation::chooseAhead);
    }
  }

  private void chooseAhead() {
    try {
      int token = choose();
      ahead = () -> token;
    } catch (RuntimeException e) {
      // Fails the one that it is about, when that one is asked.
      ahead =
          () -> {
            throw e;
          };
    }
  }

  /** How the model itself can choose for all of them; null if for some it cannot. */
  private static @Nullable Chance chance(List<Generation> all) {
    if (!all.stream().allMatch(each -> each.cache.isChosenFor() && each.sampler.drawsFromAll())) {
      return null;
    }
    return new Chance(
        all.stream().mapToDouble(each -> each.sequence.sampling().temperature()).toArray(),
        all.stream().mapToDouble(each -> each.sampler.draw()).toArray());
  }

  private void hear(Said said, int place, int of) {
    if (said.chosen().length > 0) {
      logits = null;
      chosen = said.chosen()[place];
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
    IntSupplier known = ahead;
    ahead = null;
    int token = known == null ? choose() : known.getAsInt();
    sequence.append(token);
    return token;
  }

  private int choose() {
    Constraint constraint = sequence.constraint();
    if (logits == null && unread() == 0 && constraint.allows(chosen)) {
      return chosen;
    }
    // What is refused is drawn again, of those that are allowed: as likely as if only they had
    // been.
    float[] allowed = logits().clone();
    constraint.mask(allowed);
    return sampler.next(allowed);
  }

  @Override
  public void close() {
    cache.close();
  }
}
