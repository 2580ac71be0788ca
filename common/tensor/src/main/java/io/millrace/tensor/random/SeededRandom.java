package io.millrace.tensor.random;

/**
 * SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", figure
 * 16), written out so that a seed gives the same numbers on every JVM.
 */
public final class SeededRandom {

  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  private SeededRandom(long state) {
    this.state = state;
  }

  /** A stream of its own for every combination of parts, such as seed, step and image. */
  public static SeededRandom of(long... parts) {
    long state = 0;
    for (long part : parts) {
      state = mix(state + GAMMA + mix(part + GAMMA));
    }
    return new SeededRandom(state);
  }

  private static long mix(long z) {
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /** 64 random bits. */
  public long nextLong() {
    state += GAMMA;
    return mix(state);
  }

  /** Uniform in [0, 1). */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /** Uniform in [low, high). */
  public double between(double low, double high) {
    return low + (high - low) * nextDouble();
  }

  /** Uniform in [0, bound). */
  public int below(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("nothing is below " + bound);
    }
    return (int) (nextDouble() * bound);
  }
}
