package io.millrace.tensor.number;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Moves the bytes of tensors of any size and format between Java and the device, by chunks. */
public final class TensorBytes {

  /** Bytes moved at a time; a multiple of every element size. */
  private static final int CHUNK = 1 << 24;

  /** Fills a direct buffer with the bytes of a tensor from a position on. */
  @FunctionalInterface
  public interface Source {

    /** Fills {@code chunk} completely with what begins at byte {@code offset} of the tensor. */
    void fill(ByteBuffer chunk, long offset) throws IOException;
  }

  /** Takes the bytes of a tensor in order. */
  @FunctionalInterface
  public interface Sink {

    /** Takes all of {@code chunk}, which is not valid afterwards. */
    void accept(ByteBuffer chunk) throws IOException;
  }

  private TensorBytes() {}

  /** A tensor with arbitrary values. */
  public static NDArray allocate(NDManager results, ElementType type, Shape shape) {
    try (NDManager scratch = results.newSubManager()) {
      NDArray like = scratch.zeros(new Shape(1));
      return NumberFormats.kernels()
          .run(results, "empty", like, shape.getShape(), type.scalarType())
          .singletonOrThrow();
    }
  }

  /** Overwrites a contiguous tensor with bytes in its own format and the machine's byte order. */
  public static void write(NDArray target, ElementType type, Source source) throws IOException {
    long total = Math.multiplyExact(target.size(), (long) type.bytes());
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(CHUNK, total));
    for (long offset = 0; offset < total; offset += CHUNK) {
      int count = (int) Math.min(CHUNK, total - offset);
      source.fill(buffer.slice(0, count), offset);
      try (NDManager scratch = TensorEngine.started().newManager()) {
        NDArray chunk = scratch.create(buffer.slice(0, count), new Shape(count), DataType.UINT8);
        NumberFormats.kernels().run(scratch, "put_bytes", target, offset / type.bytes(), chunk);
      }
    }
  }

  /**
   * Hands out the bytes of a tensor in another format.
   *
   * @throws ArithmeticException if a finite value is not finite in that format; what came before
   *     may have been handed out
   */
  public static void read(NDArray tensor, ElementType type, Sink sink) throws IOException {
    ElementType own = NumberFormats.typeOf(tensor);
    int chunkValues = CHUNK / Math.max(type.bytes(), own.bytes());
    try (NDManager manager = TensorEngine.started().newManager()) {
      NDArray flat = NumberFormats.kernels().run(manager, "flatten", tensor).singletonOrThrow();
      for (long first = 0; first < tensor.size(); first += chunkValues) {
        long count = Math.min(chunkValues, tensor.size() - first);
        try (NDManager scratch = manager.newSubManager()) {
          sink.accept(chunk(scratch, flat, own, type, first, count));
        }
      }
    }
  }

  private static ByteBuffer chunk(
      NDManager scratch, NDArray flat, ElementType own, ElementType type, long first, long count) {
    NDArray values =
        NumberFormats.kernels().run(scratch, "slice", flat, first, count).singletonOrThrow();
    if (own == type) {
      return bytes(scratch, values);
    }
    NDArray cast = NumberFormats.cast(scratch, values, type);
    if (finite(scratch, cast) != finite(scratch, values)) {
      throw new ArithmeticException("a finite value of " + own + " is not finite in " + type);
    }
    return bytes(scratch, cast);
  }

  private static ByteBuffer bytes(NDManager scratch, NDArray values) {
    return NumberFormats.kernels()
        .run(scratch, "bytes_of", values)
        .singletonOrThrow()
        .toByteBuffer();
  }

  private static long finite(NDManager scratch, NDArray values) {
    return NumberFormats.kernels()
        .run(scratch, "finite_count", values)
        .singletonOrThrow()
        .getLong(0);
  }
}
