package io.millrace.encoder.classify;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.encoder.encode.EncoderBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

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
   * @param values finite float32 in the processor's order, at least one row, from position to
   *     limit; direct, so that no step has to copy them first
   * @param columns numbers of a row
   */
  record Rows(ByteBuffer values, int columns) implements Inputs {

    /**
     * Checks that the numbers are whole rows.
     *
     * @throws IllegalArgumentException if not
     */
    public Rows {
      if (!values.isDirect() || values.remaining() % Float.BYTES != 0) {
        throw new IllegalArgumentException(
            "%d bytes are not float32 numbers in a direct buffer".formatted(values.remaining()));
      }
      int numbers = values.remaining() / Float.BYTES;
      if (columns < 1 || numbers == 0 || numbers % columns != 0) {
        throw new IllegalArgumentException(
            "%d numbers are not rows of %d".formatted(numbers, columns));
      }
    }

    /** Copies numbers of rows that lie one after the other. */
    public static Rows of(float[] numbers, int columns) {
      ByteBuffer values = buffer(numbers.length);
      values.asFloatBuffer().put(numbers);
      return new Rows(values, columns);
    }

    /** An empty buffer for so many numbers, as rows are made of. */
    public static ByteBuffer buffer(int numbers) {
      return ByteBuffer.allocateDirect(Math.multiplyExact(numbers, Float.BYTES))
          .order(ByteOrder.nativeOrder());
    }

    @Override
    public int count() {
      return values.remaining() / Float.BYTES / columns;
    }

    @Override
    public NDArray values(NDManager manager) {
      return manager.create(values.duplicate(), new Shape(count(), columns), DataType.FLOAT32);
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
