package io.millrace.language.interchange;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.DecoderLayout;
import io.millrace.language.model.StoredTensor;
import io.millrace.language.model.StoredWeights;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads model folders as transformers saves them, as DeepSeek released them, and as this platform
 * writes them: legacy or current keys, one file or shards, experts one by one or fused, BF16, F16,
 * F32 or FP8 with scales, with or without MTP modules.
 */
public final class HuggingFaceFolder {

  private static final String MTP_KEY = "num_nextn_predict_layers";

  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private HuggingFaceFolder() {}

  /**
   * Reads a model into float32 weights.
   *
   * <p>A configuration that promises MTP modules of which the files have no tensor at all is read
   * without them: that is what transformers saves.
   *
   * @throws IOException if a file is missing or broken, or a tensor is missing, too much, of the
   *     wrong shape or type; the message names file, tensor, expected and found
   */
  public static Decoder load(TensorEngine engine, Path directory) throws IOException {
    LanguageConfig config = ConfigFile.read(directory);
    try (TensorFolder tensors = TensorFolder.open(directory)) {
      if (config.numNextnPredictLayers() > 0 && !hasMtp(tensors, config)) {
        config = ConfigFile.read(directory, Map.of(MTP_KEY, 0));
      }
      return read(engine, config, tensors);
    } catch (FileSystemException e) {
      throw e;
    } catch (UncheckedIOException e) {
      throw SafetensorsFile.checked(e);
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(oneLine(String.valueOf(e.getMessage())), e);
    }
  }

  /** Names of tensors are whatever a file says. */
  private static String oneLine(String message) {
    return CONTROL
        .matcher(message)
        .replaceAll(
            found -> Matcher.quoteReplacement("\\u%04x".formatted((int) found.group().charAt(0))));
  }

  private static Decoder read(TensorEngine engine, LanguageConfig config, TensorFolder tensors)
      throws IOException {
    // Before memory is taken for what the configuration says.
    requireAll(config, tensors);
    requireAllKnown(config, tensors);
    Decoder decoder = Decoder.zeros(engine, config);
    try {
      StoredWeights.read(
          engine,
          decoder.weights().weights(),
          spec -> parts(spec, tensors),
          (scratch, part) -> tensors.load(scratch, part.name(), part.shape()));
      try (NDManager scratch = engine.newManager()) {
        requireCopies(scratch, config, decoder, tensors);
      }
      return decoder;
    } catch (IOException | RuntimeException | Error e) {
      decoder.close();
      throw e;
    }
  }

  private static List<StoredTensor> parts(ParameterSpec spec, TensorFolder tensors) {
    return tensors.has(spec.name())
        ? List.of(new StoredTensor(spec.name(), spec.shape()))
        : StoredTensor.of(spec);
  }

  private static boolean hasMtp(TensorFolder tensors, LanguageConfig config) {
    String first = "model.layers.%d.".formatted(config.numHiddenLayers());
    return tensors.names().stream().anyMatch(name -> name.startsWith(first));
  }

  /** Looks for every weight, fused or in parts. */
  private static void requireAll(LanguageConfig config, TensorFolder tensors) throws IOException {
    for (ParameterSpec spec : new DecoderLayout(config).specs()) {
      boolean fused = tensors.has(spec.name());
      if (fused) {
        tensors.require(spec.name(), spec.shape());
      }
      for (StoredTensor part : StoredTensor.of(spec)) {
        if (!fused) {
          tensors.require(part.name(), part.shape());
        } else if (!part.name().equals(spec.name()) && tensors.has(part.name())) {
          throw new IOException(
              "%s: tensor %s is there, expected nothing of it beside %s"
                  .formatted(tensors.where(part.name()), part.name(), spec.name()));
        }
      }
    }
  }

  /** Refuses tensors that would be ignored otherwise. */
  private static void requireAllKnown(LanguageConfig config, TensorFolder tensors)
      throws IOException {
    Set<String> known = new HashSet<>();
    for (ParameterSpec spec : new DecoderLayout(config).specs()) {
      known.add(spec.name());
      StoredTensor.of(spec).forEach(part -> known.add(part.name()));
    }
    copies(config).forEach((copy, original) -> known.add(copy));
    for (String name : tensors.names()) {
      // Rotary frequencies, which old versions of transformers saved, follow from the
      // configuration.
      if (!known.contains(name) && !name.endsWith(".rotary_emb.inv_freq")) {
        throw new IOException(
            "%s: tensor %s is there, expected only those of the model of %s"
                .formatted(tensors.where(name), name, ConfigFile.NAME));
      }
    }
  }

  /** Copies of shared tensors that a file may have, and what they are copies of. */
  private static Map<String, String> copies(LanguageConfig config) {
    Map<String, String> copies = new LinkedHashMap<>();
    String head = ReleasedWeights.HEAD;
    if (config.tieWordEmbeddings()) {
      copies.put(head, ReleasedWeights.EMBEDDING);
      head = ReleasedWeights.EMBEDDING;
    }
    for (int k = 0; k < config.numNextnPredictLayers(); k++) {
      copies.put(ReleasedWeights.embeddingCopy(config, k), ReleasedWeights.EMBEDDING);
      copies.put(ReleasedWeights.headCopy(config, k), head);
    }
    return copies;
  }

  private static void requireCopies(
      NDManager scratch, LanguageConfig config, Decoder decoder, TensorFolder tensors)
      throws IOException {
    for (Map.Entry<String, String> copy : copies(config).entrySet()) {
      if (tensors.has(copy.getKey())) {
        NDArray original = decoder.weights().get(copy.getValue());
        NDArray found = tensors.load(scratch, copy.getKey(), original.getShape());
        if (!found.contentEquals(original)) {
          throw new IOException(
              "%s: tensor %s has values of its own, expected a copy of %s"
                  .formatted(tensors.where(copy.getKey()), copy.getKey(), copy.getValue()));
        }
      }
    }
  }
}
