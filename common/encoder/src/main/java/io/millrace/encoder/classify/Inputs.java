package io.millrace.encoder.classify;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.encoder.encode.EncoderBatch;
import java.nio.FloatBuffer;

/** What a classifier is given at a time: what {@code values} and {@code starts} are to a kernel. */
public sealed interface Inputs {

  /** How many there are. */
  int count();

  /** Their numbers as a tensor. */
  NDArray values(NDManager manager);

  /** Where each begins, then where the last ends; none if that is known without. */
  long[] starts();

  /**
   * Rows of numbers, one after the other.
   *
   * @param values finite, at least one row, from position to limit
   * @param columns numbers of a row
   */
  record Rows(FloatBuffer values, int columns) implements Inputs {

    /**
     * Checks that the numbers are whole rows.
     *
     * @throws IllegalArgumentException if not
     */
    public Rows {
      if (columns < 1 || !values.hasRemaining() || values.remaining() % columns != 0) {
        throw new IllegalArgumentException(
            "%d numbers are not rows of %d".formatted(values.remaining(), columns));
      }
    }

    @Override
    public int count() {
      return values.remaining() / columns;
    }

    @Override
    public NDArray values(NDManager manager) {
      return manager.create(values.duplicate(), new Shape(count(), columns));
    }

    @Override
    public long[] starts() {
      return new long[0];
    }
  }

  /** Texts or pictures, as an encoder takes them. */
  record Documents(EncoderBatch batch) implements Inputs {

    @Override
    public int count() {
      return batch.size();
    }

    @Override
    public NDArray values(NDManager manager) {
      return batch.values(manager);
    }

    @Override
    public long[] starts() {
      return batch.starts();
    }
  }
}
