package io.millrace.simulation;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** What a seed wants to happen. */
final class Chance {
  private static final int CRASHES_AT_MOST = 12;

  private final Random random;
  private final double rate;
  private final Map<String, Integer> planned = new TreeMap<>();
  private final Map<String, Integer> crashes = new TreeMap<>();
  private int crashed;

  /**
   * A seed's chance: crashes at random, and one for certain.
   *
   * @param points all steps that there are, which seeds take in turn for the certain crash
   */
  Chance(long seed, List<String> points) {
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    this.rate = random.nextDouble() * 0.15;
    String point = points.get((int) (seed % points.size()));
    planned.put(point, 1 + (int) (seed / points.size() % 2));
  }

  /** Lets processes die as often once more. */
  void renew() {
    crashed = 0;
  }

  int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  boolean happens(double probability) {
    return random.nextDouble() < probability;
  }

  /** To be called between two steps; throws a {@link Crash} if the process dies here. */
  void reach(String point) {
    Integer left = planned.computeIfPresent(point, (_, passes) -> passes - 1);
    boolean certain = left != null && left == 0;
    if (certain || (crashed < CRASHES_AT_MOST && happens(rate))) {
      crashed++;
      crashes.merge(point, 1, Integer::sum);
      throw new Crash(point);
    }
  }

  /** How often a process died at each point. */
  Map<String, Integer> crashes() {
    return crashes;
  }
}
