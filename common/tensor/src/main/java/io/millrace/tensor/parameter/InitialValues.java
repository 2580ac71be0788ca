package io.millrace.tensor.parameter;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.stream.IntStream;

/**
 * The first values of one parameter, a function of seed, name and position only.
 *
 * <p>Value {@code i} is drawn from outputs {@code 2i} and {@code 2i + 1} of a SplitMix64 stream
 * (Steele, Lea and Flood 2014, figure 17) keyed by a digest of seed and name, so that neither the
 * order of parameters, nor threads, nor the version of libtorch or of the JDK changes them.
 */
final class InitialValues {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final double UNIT = 0x1.0p-53;

  /** Values that a thread draws at a time, about a millisecond of work. */
  private static final int SLICE = 1 << 14;

  private final Initializer initializer;
  private final long key;

  InitialValues(Initializer initializer, long seed, String name) {
    this.initializer = initializer;
    this.key = key(seed, name);
  }

  /** Fills {@code target} with the values from position {@code first} on, by all processors. */
  void fill(FloatBuffer target, long first) {
    int begin = target.position();
    int count = target.remaining();
    IntStream.range(0, Math.ceilDiv(count, SLICE))
        .map(i -> i * SLICE)
        .parallel()
        .forEach(
            at -> fillSlice(target.slice(begin + at, Math.min(SLICE, count - at)), first + at));
    target.position(target.limit());
  }

  private void fillSlice(FloatBuffer target, long first) {
    long at = first;
    while (target.hasRemaining()) {
      target.put((float) value(at++));
    }
  }

  private double value(long i) {
    return switch (initializer) {
      case Initializer.Zeros() -> 0;
      case Initializer.Ones() -> 1;
      case Initializer.Constant(double value) -> value;
      case Initializer.Normal(double standardDeviation) -> standardDeviation * normal(i);
    };
  }

  /** Box and Muller 1958; StrictMath because its results are the same on every machine. */
  private double normal(long i) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(2 * i)));
    return radius * StrictMath.cos(2 * Math.PI * unit(2 * i + 1));
  }

  /** Output {@code n} of the stream as a number in [0, 1). */
  private double unit(long n) {
    return (mix(key + (n + 1) * GOLDEN_GAMMA) >>> 11) * UNIT;
  }

  private static long mix(long state) {
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private static long key(long seed, String name) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).flip());
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
