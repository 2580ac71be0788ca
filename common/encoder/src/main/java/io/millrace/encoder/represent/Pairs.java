package io.millrace.encoder.represent;

import java.util.stream.LongStream;

/**
 * The pairs of a place and one that follows it in its sequence, as kernels take them.
 *
 * @param places from which is predicted: of one step ahead, then of two, ...
 * @param counts of each step
 */
@SuppressWarnings("ArrayRecordComponent") // goes to the kernel as it is, is never compared
record Pairs(long[] places, long[] counts) {

  /**
   * All that there are.
   *
   * @param sequences first place of each, then their number
   */
  static Pairs of(int[] sequences, int steps) {
    LongStream.Builder places = LongStream.builder();
    long[] counts = new long[steps];
    for (int step = 1; step <= steps; step++) {
      for (int i = 1; i < sequences.length; i++) {
        for (int at = sequences[i - 1]; at + step < sequences[i]; at++) {
          places.add(at);
          counts[step - 1]++;
        }
      }
    }
    return new Pairs(places.build().toArray(), counts);
  }

  boolean none() {
    return places.length == 0;
  }
}
