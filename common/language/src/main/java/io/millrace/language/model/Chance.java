package io.millrace.language.model;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * How a step chooses the next token of each of B sequences from all of the vocabulary, as {@code
 * Sampler} does: the first at which the sum of probabilities passes a draw.
 *
 * @param temperatures [B]; 0: always the likeliest token
 * @param draws [B] from 0 to 1, 1 exclusive
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Chance(double[] temperatures, double[] draws) {

  /** Whether any of them is left to chance. */
  boolean isAny() {
    return Arrays.stream(temperatures).anyMatch(temperature -> temperature > 0);
  }

  /** Temperatures of so many sequences, then draws; of 0 where there is none. */
  double[] filledUp(int sequences) {
    return DoubleStream.concat(
            Arrays.stream(Arrays.copyOf(temperatures, sequences)),
            Arrays.stream(Arrays.copyOf(draws, sequences)))
        .toArray();
  }
}
