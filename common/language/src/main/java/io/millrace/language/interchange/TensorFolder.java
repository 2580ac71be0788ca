package io.millrace.language.interchange;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.input.SmallFile;
import io.millrace.language.model.ModelFolder;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The tensors of a model folder, in one safetensors file or in shards with an index, as float32.
 *
 * <p>FP8 weights are scaled back: each 128 x 128 block by its value in the tensor of the same name
 * with {@code _scale_inv} behind it, which is multiplied with, despite its name.
 */
final class TensorFolder implements AutoCloseable {

  private static final String SCALE = "_scale_inv";
  private static final int BLOCK = 128;
  private static final long MAX_INDEX_BYTES = 64L << 20;

  private final Path listing;
  private final Map<Path, SafetensorsFile> open;
  private final Map<String, SafetensorsFile> files;

  private TensorFolder(
      Path listing, Map<Path, SafetensorsFile> open, Map<String, SafetensorsFile> files) {
    this.listing = listing;
    this.open = open;
    this.files = files;
  }

  /**
   * Opens a folder's files and checks their headers.
   *
   * @throws IOException if a file is missing or the index contradicts the files; the message names
   *     file and tensor
   * @throws IllegalArgumentException if a file is not a valid safetensors file
   */
  static TensorFolder open(Path directory) throws IOException {
    Map<Path, SafetensorsFile> open = new LinkedHashMap<>();
    Map<String, SafetensorsFile> files = new TreeMap<>();
    Path single = directory.resolve(ModelFolder.WEIGHTS);
    Path index = directory.resolve(Shards.INDEX);
    boolean sharded = !Files.isRegularFile(single);
    if (sharded && !Files.isRegularFile(index)) {
      throw new NoSuchFileException(
          single.toString(), null, "there is neither this file nor " + Shards.INDEX);
    }
    TensorFolder folder = new TensorFolder(sharded ? index : single, open, files);
    try {
      if (sharded) {
        folder.readIndex(directory, index);
      } else {
        SafetensorsFile file = folder.file(single);
        file.tensors().keySet().forEach(name -> files.put(name, file));
      }
      return folder;
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /** Names of the tensors, scales of FP8 weights not among them. */
  Set<String> names() {
    Set<String> names = new java.util.TreeSet<>(files.keySet());
    names.removeIf(name ->
        name.endsWith(SCALE)
            && files.containsKey(name.substring(0, name.length() - SCALE.length())));
    return names;
  }

  boolean has(String name) {
    return files.containsKey(name);
  }

  /**
   * Looks at a tensor's name and shape alone.
   *
   * @throws IOException if it is missing or has another shape; the message names file, tensor,
   *     expected and found
   */
  SafetensorsFile require(String name, Shape expected) throws IOException {
    SafetensorsFile file = files.get(name);
    if (file == null) {
      throw new IOException(
          "%s: tensor %s is missing, expected with shape %s".formatted(listing, name, expected));
    }
    requireShape(file, name, expected);
    return file;
  }

  /**
   * A tensor as float32.
   *
   * @throws IOException if it is missing, has another shape, is FP8 without fitting scales, or is
   *     another type with scales; the message names file, tensor, expected and found
   */
  NDArray load(NDManager scratch, String name, Shape expected) throws IOException {
    SafetensorsFile file = require(name, expected);
    ElementType type = file.info(name).dtype();
    if (!type.isFloat()) {
      throw new IOException(
          "%s: tensor %s has type %s, expected a floating point type"
              .formatted(file.path(), name, type));
    }
    NDArray values = file.load(scratch, name).toType(DataType.FLOAT32, /* copy= */ false);
    boolean scaled = files.containsKey(name + SCALE);
    if (type == ElementType.F8_E4M3 && !scaled) {
      throw new IOException(
          "%s: tensor %s is F8_E4M3, expected its scales in %s, found none"
              .formatted(file.path(), name, name + SCALE));
    }
    if (type != ElementType.F8_E4M3 && scaled) {
      throw new IOException(
          "%s: tensor %s is %s, expected F8_E4M3, because there are scales of it in %s"
              .formatted(file.path(), name, type, name + SCALE));
    }
    return scaled ? values.mul(scales(scratch, name, expected)) : values;
  }

  /** The file that a tensor is in, for messages. */
  Path where(String name) {
    SafetensorsFile file = files.get(name);
    return file == null ? listing : file.path();
  }

  private NDArray scales(NDManager scratch, String name, Shape weight) throws IOException {
    SafetensorsFile file = files.get(name + SCALE);
    if (file == null || weight.dimension() != 2) {
      throw new IOException(
          "%s: tensor %s has scales, expected them of matrices only".formatted(where(name), name));
    }
    long rows = weight.get(0);
    long columns = weight.get(1);
    requireShape(
        file, name + SCALE, new Shape(Math.ceilDiv(rows, BLOCK), Math.ceilDiv(columns, BLOCK)));
    ElementType type = file.info(name + SCALE).dtype();
    if (!type.isFloat() || type == ElementType.F8_E4M3) {
      throw new IOException(
          "%s: tensor %s has type %s, expected F32, BF16, F16 or F64"
              .formatted(file.path(), name + SCALE, type));
    }
    return file.load(scratch, name + SCALE)
        .toType(DataType.FLOAT32, /* copy= */ false)
        .repeat(0, BLOCK)
        .repeat(1, BLOCK)
        .get(new NDIndex().addSliceDim(0, rows).addSliceDim(0, columns));
  }

  private static void requireShape(SafetensorsFile file, String name, Shape expected)
      throws IOException {
    Shape found = file.info(name).shape();
    if (!found.equals(expected)) {
      throw new IOException(
          "%s: tensor %s has shape %s, expected %s as config.json says"
              .formatted(file.path(), name, found, expected));
    }
  }

  private void readIndex(Path directory, Path index) throws IOException {
    byte[] json = SmallFile.read(index, MAX_INDEX_BYTES);
    JsonNode map;
    try {
      map = JsonMapper.shared().readTree(json).path("weight_map");
    } catch (JacksonException e) {
      throw new IOException(index + " is not JSON: " + e.getOriginalMessage(), e);
    }
    if (!map.isObject() || map.isEmpty()) {
      throw new IOException(index + " has no weight_map");
    }
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String name = entry.getValue().asString("");
      if (!name.matches("[A-Za-z0-9._-]{1,200}\\.safetensors")) {
        throw new IOException(
            "%s: tensor %s is said to be in %s, expected the name of a safetensors file"
                .formatted(index, entry.getKey(), entry.getValue()));
      }
      SafetensorsFile file = file(directory.resolve(name));
      if (!file.tensors().containsKey(entry.getKey())) {
        throw new IOException(
            "%s: tensor %s is missing, expected it there as %s says"
                .formatted(file.path(), entry.getKey(), index));
      }
      files.put(entry.getKey(), file);
    }
    for (SafetensorsFile file : open.values()) {
      for (String name : file.tensors().keySet()) {
        if (files.get(name) != file) {
          throw new IOException(
              "%s: tensor %s is there, expected only what %s says"
                  .formatted(file.path(), name, index));
        }
      }
    }
  }

  private SafetensorsFile file(Path path) throws IOException {
    SafetensorsFile file = open.get(path);
    if (file == null) {
      if (!Files.isRegularFile(path)) {
        throw new NoSuchFileException(path.toString());
      }
      file = SafetensorsFile.open(path);
      open.put(path, file);
    }
    return file;
  }

  @Override
  public void close() {
    open.values().forEach(SafetensorsFile::close);
  }
}
