package io.millrace.tensor.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.input.FileFaults;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.number.NumberFormats;
import io.millrace.tensor.number.TensorBytes;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A safetensors file, mapped into memory and checked completely before anything of it is used;
 * files may be larger than memory. Format: github.com/huggingface/safetensors, section Format.
 *
 * <p>Safe for use by several threads; must stay open while tensors are loaded, not afterwards.
 */
public final class SafetensorsFile implements AutoCloseable {

  private final Path path;
  private final Arena arena;
  private final SafetensorsHeader header;
  private final MemorySegment file;
  private final long begin;

  private SafetensorsFile(
      Path path, Arena arena, SafetensorsHeader header, MemorySegment file, long begin) {
    this.path = path;
    this.arena = arena;
    this.header = header;
    this.file = file;
    this.begin = begin;
  }

  /**
   * Opens and checks a file.
   *
   * @throws InvalidSafetensorsException if it is not a valid one; the message says why
   * @throws UncheckedIOException if it cannot be read
   */
  @SuppressWarnings("MustBeClosedChecker") // the file that is returned owns the arena
  public static SafetensorsFile open(Path path) {
    Arena arena = Arena.ofShared();
    try {
      return FileFaults.naming(path, () -> open(path, arena));
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("cannot read " + path + ": " + e, e);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static SafetensorsFile open(Path path, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < Long.BYTES) {
        throw new InvalidSafetensorsException(
            path, "it has %d bytes, not even a header's length".formatted(size));
      }
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      ByteBuffer first = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      copy(path, file, 0, first);
      long length = first.getLong(0);
      if (length < 0 || length > SafetensorsHeader.MAX_BYTES || length > size - Long.BYTES) {
        throw new InvalidSafetensorsException(
            path,
            "its header should have %s bytes, but the file has %d and the limit is %d"
                .formatted(Long.toUnsignedString(length), size, SafetensorsHeader.MAX_BYTES));
      }
      byte[] json = new byte[(int) length];
      copy(path, file, Long.BYTES, ByteBuffer.wrap(json));
      long begin = Long.BYTES + length;
      SafetensorsHeader header = SafetensorsHeader.parse(path, json, size - begin);
      return new SafetensorsFile(path, arena, header, file, begin);
    }
  }

  /**
   * A file that cannot be read as a checked exception. A fault of the file system stays one, so
   * that callers know that the file may be good.
   */
  public static IOException checked(UncheckedIOException e) {
    return e.getCause() instanceof FileSystemException fault
        ? fault
        : new IOException(String.valueOf(e.getMessage()), e);
  }

  /**
   * Copies in Java, where a file cut short meanwhile is an error; inside libtorch it ends the JVM.
   */
  private static void copy(Path path, MemorySegment file, long offset, ByteBuffer to)
      throws IOException {
    try {
      MemorySegment target = MemorySegment.ofBuffer(to);
      MemorySegment.copy(file, offset, target, 0, target.byteSize());
    } catch (InternalError e) {
      throw fault(path, file.byteSize(), e);
    }
  }

  /**
   * Why a page of a mapped file cannot be had: the file ends before it now, or else the file system
   * has failed to read it.
   *
   * @param mapped size of the file when it was mapped
   */
  static IOException fault(Path path, long mapped, InternalError page) {
    IOException fault;
    try {
      fault =
          Files.size(path) < mapped
              ? new EOFException(path + " became shorter while it was read")
              : new FileSystemException(
                  path.toString(), /* other= */ null, "a part of it cannot be read");
    } catch (IOException e) {
      fault = new FileSystemException(path.toString(), /* other= */ null, e.toString());
    }
    fault.initCause(page);
    return fault;
  }

  /** The tensors by name, in the order of their bytes. */
  public Map<String, TensorInfo> tensors() {
    return header.tensors();
  }

  /** The free texts of the header. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Where the file is. */
  public Path path() {
    return path;
  }

  /**
   * What is known about one tensor.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public TensorInfo info(String name) {
    TensorInfo info = tensors().get(name);
    if (info == null) {
      throw new IllegalArgumentException(path + " has no tensor '" + name + "'");
    }
    return info;
  }

  /**
   * A copy of a tensor on the manager's device. BF16 and F8_E4M3 are widened to float32, I16 and
   * U16 to int32, and U32 and U64 to int64, without loss, because an NDArray has no such types; see
   * {@link ElementType#readable()}.
   *
   * @throws IllegalArgumentException if there is none of that name, or a value of it is larger than
   *     an int64 can be
   * @throws UncheckedIOException if the file became shorter meanwhile or, with a {@link
   *     FileSystemException}, the file system fails
   */
  public NDArray load(NDManager manager, String name) {
    ElementType type = info(name).dtype();
    if (type.readable() == type) {
      return loadStored(manager, name);
    }
    try (NDManager scratch = manager.newSubManager()) {
      NDArray values = NumberFormats.cast(manager, loadStored(scratch, name), type.readable());
      if (type == ElementType.U64 && values.size() > 0 && values.min().getLong() < 0) {
        values.close();
        throw new IllegalArgumentException(
            "%s: tensor '%s' is U64 and has values from 2^63 on, which cannot be read"
                .formatted(path, name));
      }
      return values;
    }
  }

  /** A copy of a tensor in its stored type; only kernels can handle those without a DJL type. */
  public NDArray loadStored(NDManager manager, String name) {
    TensorInfo info = info(name);
    NDArray tensor = TensorBytes.allocate(manager, info.dtype(), info.shape());
    try {
      TensorBytes.write(
          tensor,
          info.dtype(),
          (chunk, offset) -> copy(path, file, begin + info.begin() + offset, chunk));
      tensor.setName(name);
      return tensor;
    } catch (IOException e) {
      tensor.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      tensor.close();
      throw e;
    }
  }

  /** Copies of all tensors, as {@link #load} makes them. */
  public Map<String, NDArray> loadAll(NDManager manager) {
    Map<String, NDArray> all = new LinkedHashMap<>();
    tensors().keySet().forEach(name -> all.put(name, load(manager, name)));
    return all;
  }

  @Override
  public void close() {
    arena.close();
  }
}
