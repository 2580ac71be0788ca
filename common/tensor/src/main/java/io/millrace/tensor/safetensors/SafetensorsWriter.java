package io.millrace.tensor.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.millrace.input.FileFaults;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.number.NumberFormats;
import io.millrace.tensor.number.TensorBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes safetensors files: a reader finds the whole file or none, and the same tensors give the
 * same bytes.
 */
public final class SafetensorsWriter {

  private static final JsonFactory JSON = new JsonFactory();

  private SafetensorsWriter() {}

  /**
   * Writes tensors in their own types.
   *
   * @param metadata free texts, added to {@code format: pt}, which Hugging Face's loaders ask for
   * @throws UncheckedIOException if the file cannot be written; what was there before is unchanged
   */
  public static void write(Path path, Map<String, NDArray> tensors, Map<String, String> metadata) {
    write(path, tensors, metadata, Map.of());
  }

  /**
   * Writes tensors, some of them in another floating point type, rounded to nearest, ties to even.
   *
   * @param stored types by name; a tensor not named keeps its own
   * @throws IllegalArgumentException if a type is asked for a tensor that is not there, between an
   *     integer and a float, or too small for a finite value; no file is written then
   * @throws UncheckedIOException if the file cannot be written; what was there before is unchanged
   */
  public static void write(
      Path path,
      Map<String, NDArray> tensors,
      Map<String, String> metadata,
      Map<String, ElementType> stored) {
    Map<String, TensorInfo> layout = layout(tensors, stored);
    Path directory = path.toAbsolutePath().normalize().getParent();
    if (directory == null) {
      throw new IllegalArgumentException(path + " is not the name of a file");
    }
    Path temporary =
        directory.resolve(".%s.%s.tmp".formatted(path.getFileName(), UUID.randomUUID()));
    try {
      FileFaults.run(
          temporary,
          () -> {
            try (FileChannel channel =
                FileChannel.open(
                    temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
              writeAll(channel, header(layout, metadata));
              for (Map.Entry<String, TensorInfo> entry : layout.entrySet()) {
                writeTensor(channel, entry.getKey(), entry.getValue().dtype(), tensors);
              }
              channel.force(true);
            }
          });
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      FileFaults.run(
          directory,
          () -> {
            try (FileChannel entry = FileChannel.open(directory, StandardOpenOption.READ)) {
              entry.force(true); // the rename itself must survive a crash
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path + ": " + e, e);
    } finally {
      deleteIfThere(temporary);
    }
  }

  private static void writeTensor(
      FileChannel channel, String name, ElementType type, Map<String, NDArray> tensors)
      throws IOException {
    NDArray tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("tensor '" + name + "' disappeared while it was written");
    }
    try {
      TensorBytes.read(tensor, type, chunk -> writeAll(channel, chunk));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("tensor '" + name + "': " + e.getMessage(), e);
    }
  }

  /**
   * Wide types first, so that every tensor begins at a multiple of its element's size; then by
   * name.
   */
  private static Map<String, TensorInfo> layout(
      Map<String, NDArray> tensors, Map<String, ElementType> stored) {
    for (String name : stored.keySet()) {
      if (!tensors.containsKey(name)) {
        throw new IllegalArgumentException(
            "a type is given for tensor '" + name + "', which is not there");
      }
    }
    Map<String, ElementType> types = new TreeMap<>();
    tensors.forEach((name, tensor) -> types.put(name, typeOf(name, tensor, stored)));
    List<Map.Entry<String, ElementType>> ordered =
        types.entrySet().stream()
            .sorted(
                Comparator.comparing((Map.Entry<String, ElementType> e) -> -e.getValue().bytes())
                    .thenComparing(Map.Entry::getKey))
            .toList();
    Map<String, TensorInfo> layout = new LinkedHashMap<>();
    long begin = 0;
    for (Map.Entry<String, ElementType> entry : ordered) {
      NDArray tensor = tensors.get(entry.getKey());
      Shape shape = tensor == null ? new Shape(0) : tensor.getShape();
      long end =
          Math.addExact(begin, Math.multiplyExact(shape.size(), (long) entry.getValue().bytes()));
      layout.put(entry.getKey(), new TensorInfo(entry.getValue(), shape, begin, end));
      begin = end;
    }
    return layout;
  }

  private static ElementType typeOf(String name, NDArray tensor, Map<String, ElementType> stored) {
    if (name.equals(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException("a tensor cannot be named " + name);
    }
    ElementType own = NumberFormats.typeOf(tensor);
    ElementType asked = stored.getOrDefault(name, own);
    if (asked != own && !(asked.isFloat() && own.isFloat())) {
      throw new IllegalArgumentException(
          "tensor '%s' is %s and cannot be written as %s".formatted(name, own, asked));
    }
    return asked;
  }

  private static ByteBuffer header(Map<String, TensorInfo> layout, Map<String, String> metadata) {
    Map<String, String> texts = new TreeMap<>(metadata);
    texts.putIfAbsent("format", "pt");
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), json)) {
      generator.writeStartObject();
      generator.writeObjectPropertyStart(SafetensorsHeader.METADATA);
      texts.forEach(generator::writeStringProperty);
      generator.writeEndObject();
      layout.forEach((name, info) -> {
        generator.writeObjectPropertyStart(name);
        generator.writeStringProperty("dtype", info.dtype().name());
        writeNumbers(generator, "shape", info.shape().getShape());
        writeNumbers(generator, "data_offsets", new long[] {info.begin(), info.end()});
        generator.writeEndObject();
      });
      generator.writeEndObject();
    }
    while (json.size() % Long.BYTES != 0) {
      json.write(' ');
    }
    if (json.size() > SafetensorsHeader.MAX_BYTES) {
      throw new IllegalArgumentException(
          "the header has %d bytes, readers accept %d"
              .formatted(json.size(), SafetensorsHeader.MAX_BYTES));
    }
    return ByteBuffer.allocate(Long.BYTES + json.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.size())
        .put(json.toByteArray())
        .flip();
  }

  private static void writeNumbers(JsonGenerator generator, String name, long[] numbers) {
    generator.writeName(name);
    generator.writeArray(numbers, 0, numbers.length);
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void deleteIfThere(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + temporary, e);
    }
  }
}
