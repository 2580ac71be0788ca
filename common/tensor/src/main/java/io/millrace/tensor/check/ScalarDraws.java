package io.millrace.tensor.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What draws.py does, one number at a time. */
public final class ScalarDraws {

  private static final long MASK = 0xffff_ffffL;

  private ScalarDraws() {}

  static long mixed(long x) {
    x ^= x >>> 16;
    x = x * 0x21f0aaadL & MASK;
    x ^= x >>> 15;
    x = x * 0x735a2d97L & MASK;
    return x ^ x >>> 15;
  }

  /** The hash of a place in a stream. */
  public static long hash(long seed, int stream, int place) {
    return mixed(mixed(place) ^ mixed(seed + stream * 0x9e3779b9L & MASK));
  }

  /** Of these places, those of the smallest hashes, rising. */
  public static List<Integer> drawn(List<Integer> places, long seed, int stream, int most) {
    List<Integer> sorted = new ArrayList<>(places);
    sorted.sort(Comparator.comparingLong(place -> hash(seed, stream, place)));
    return sorted.subList(0, Math.min(most, sorted.size())).stream().sorted().toList();
  }
}
