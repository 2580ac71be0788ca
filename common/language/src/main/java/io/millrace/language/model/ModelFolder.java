package io.millrace.language.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import io.millrace.tensor.safetensors.TensorInfo;
import io.millrace.tensor.train.TrainingFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model on disk: {@code config.json} and {@code model.safetensors} with Hugging Face's tensor
 * names, one tensor an expert. What only training reads lies beside them, see {@link
 * TrainingFolder}.
 */
public final class ModelFolder {

  /** Name of the file with all weights. */
  public static final String WEIGHTS = TrainingFolder.WEIGHTS;

  private static final Map<String, String> FORMAT = Map.of("format", "pt");

  @FunctionalInterface
  private interface Reader<T> {

    T read(SafetensorsFile tensors) throws IOException;
  }

  private ModelFolder() {}

  /** Writes configuration and weights. */
  public static void save(TensorEngine engine, Decoder decoder, Path directory) throws IOException {
    Files.createDirectories(directory);
    ConfigFile.write(decoder.config(), directory);
    writeWeights(engine, decoder, Map.of(), directory.resolve(WEIGHTS));
  }

  /**
   * Writes weights as they are stored.
   *
   * @param averages written in place of the weights of these names
   */
  public static void writeWeights(
      TensorEngine engine, Decoder decoder, Map<String, NDArray> averages, Path file) {
    try (NDManager scratch = engine.newManager()) {
      SafetensorsWriter.write(file, tensors(decoder, averages, scratch), FORMAT);
    }
  }

  /** Views of a decoder's weights as they are stored, in the order of its layout. */
  public static Map<String, NDArray> tensors(Decoder decoder, NDManager scratch) {
    return tensors(decoder, Map.of(), scratch);
  }

  private static Map<String, NDArray> tensors(
      Decoder decoder, Map<String, NDArray> others, NDManager scratch) {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    for (ParameterSpec spec : decoder.weights().specs()) {
      NDArray weight = others.getOrDefault(spec.name(), decoder.weights().get(spec.name()));
      NDArray flat = weight.reshape(spec.count());
      flat.attach(scratch);
      long at = 0;
      for (StoredTensor part : StoredTensor.of(spec)) {
        NDArray values = flat.get(new NDIndex().addSliceDim(at, at + part.shape().size()));
        values.attach(scratch);
        NDArray shaped = values.reshape(part.shape());
        shaped.attach(scratch);
        tensors.put(part.name(), shaped);
        at += part.shape().size();
      }
    }
    return tensors;
  }

  /**
   * Reads a model. Every tensor's name, shape and type is checked before memory is taken for any.
   *
   * @throws IOException if a file is missing or broken, or a tensor is missing, too much, or of the
   *     wrong shape or type; the message names file, tensor, expected and found
   */
  public static Decoder load(TensorEngine engine, Path directory) throws IOException {
    return load(engine, directory, directory.resolve(WEIGHTS));
  }

  /**
   * Reads a model whose weights lie in another file.
   *
   * @throws IOException as {@link #load(TensorEngine, Path)}
   */
  public static Decoder load(TensorEngine engine, Path directory, Path weights) throws IOException {
    LanguageConfig config = ConfigFile.read(directory);
    return read(
        weights,
        tensors -> {
          requireTensors(config, tensors);
          return create(engine, config, tensors);
        });
  }

  /**
   * Reads some weights of a file that holds a model.
   *
   * @param weights of a model of that shape, overwritten
   * @throws IOException as {@link #load(TensorEngine, Path)}; nothing is overwritten if a tensor
   *     does not fit
   */
  public static void readWeights(
      TensorEngine engine, LanguageConfig config, Path file, FlatTensors weights)
      throws IOException {
    read(
        file,
        tensors -> {
          requireTensors(config, tensors);
          fill(engine, weights, tensors);
          return weights;
        });
  }

  private static <T> T read(Path path, Reader<T> reader) throws IOException {
    Path file = existing(path);
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      return reader.read(tensors);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new IOException(message.contains(file.toString()) ? message : file + ": " + message, e);
    } catch (UncheckedIOException e) {
      throw SafetensorsFile.checked(e);
    }
  }

  private static Decoder create(TensorEngine engine, LanguageConfig config, SafetensorsFile tensors)
      throws IOException {
    Decoder decoder = Decoder.zeros(engine, config);
    try {
      fill(engine, decoder.weights().weights(), tensors);
      return decoder;
    } catch (IOException | RuntimeException | Error e) {
      decoder.close();
      throw e;
    }
  }

  private static void fill(TensorEngine engine, FlatTensors weights, SafetensorsFile tensors)
      throws IOException {
    StoredWeights.read(
        engine, weights, StoredTensor::of, (scratch, part) -> tensors.load(scratch, part.name()));
  }

  private static void requireTensors(LanguageConfig config, SafetensorsFile tensors) {
    Set<String> known = new HashSet<>();
    for (ParameterSpec spec : new DecoderLayout(config).specs()) {
      for (StoredTensor part : StoredTensor.of(spec)) {
        requireTensor(part, tensors.tensors().get(part.name()));
        known.add(part.name());
      }
    }
    for (String name : tensors.tensors().keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "tensor %s is there, expected only those of the model of %s"
                .formatted(name, ConfigFile.NAME));
      }
    }
  }

  private static void requireTensor(StoredTensor expected, @Nullable TensorInfo found) {
    String name = expected.name();
    if (found == null) {
      throw new IllegalArgumentException(
          "tensor %s is missing, expected with shape %s as %s says"
              .formatted(name, expected.shape(), ConfigFile.NAME));
    }
    if (!found.shape().equals(expected.shape())) {
      throw new IllegalArgumentException(
          "tensor %s has shape %s, expected %s as %s says"
              .formatted(name, found.shape(), expected.shape(), ConfigFile.NAME));
    }
    if (found.dtype() != ElementType.F32) {
      throw new IllegalArgumentException(
          "tensor %s has type %s, expected F32; models of other types are imported"
              .formatted(name, found.dtype()));
    }
  }

  private static Path existing(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    return file;
  }
}
