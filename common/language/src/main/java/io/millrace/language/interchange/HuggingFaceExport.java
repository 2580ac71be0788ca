package io.millrace.language.interchange;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a model as a folder that Hugging Face transformers loads with {@code AutoModelForCausalLM}
 * and {@code AutoTokenizer}: the keys and tensor names of the released DeepSeek-V3.
 *
 * <p>What transformers makes of it differs in one thing: it does not run the MTP modules, which are
 * written as the released files have them, and reports their tensors as unexpected.
 */
public final class HuggingFaceExport {

  private HuggingFaceExport() {}

  /** As below, with companions made for the model. */
  public static void write(
      TensorEngine engine,
      Decoder decoder,
      @Nullable Tokenizer tokenizer,
      Path directory,
      ExportSettings settings)
      throws IOException {
    write(engine, decoder, tokenizer, CompanionFiles.none(), directory, settings);
  }

  /**
   * Writes a folder, beside the directory first: there is a whole one or none.
   *
   * @param tokenizer null: the folder gets none
   * @param companions written instead of those that would be made for the model
   * @param directory empty, or not there yet
   * @throws FileAlreadyExistsException if there is something in the directory
   * @throws IllegalArgumentException if a value is too large for the type that weights are stored
   *     in, the tokenizer has more tokens than the model, or transformers would compute another
   *     model than this one
   */
  public static void write(
      TensorEngine engine,
      Decoder decoder,
      @Nullable Tokenizer tokenizer,
      CompanionFiles companions,
      Path directory,
      ExportSettings settings)
      throws IOException {
    LanguageConfig config = decoder.config();
    requireKnown(config);
    if (tokenizer != null && tokenizer.vocabSize() > config.vocabSize()) {
      throw new IllegalArgumentException(
          "the tokenizer has %d tokens, the model %d"
              .formatted(tokenizer.vocabSize(), config.vocabSize()));
    }
    requireEmpty(directory);
    boolean there = Files.exists(directory);
    Path whole = there ? directory.toRealPath() : directory.toAbsolutePath().normalize();
    Path parent = Objects.requireNonNullElse(whole.getParent(), whole);
    Files.createDirectories(parent);
    Path beside = parent.resolve(".%s.%s.tmp".formatted(whole.getFileName(), UUID.randomUUID()));
    Files.createDirectory(beside);
    try {
      writeAll(engine, decoder, tokenizer, companions, beside, settings);
      if (there) {
        fill(whole, beside);
      } else {
        Files.move(beside, whole, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException | RuntimeException e) {
      deleteFlat(beside, e);
      throw e;
    }
  }

  private static void writeAll(
      TensorEngine engine,
      Decoder decoder,
      @Nullable Tokenizer tokenizer,
      CompanionFiles companions,
      Path directory,
      ExportSettings settings)
      throws IOException {
    LanguageConfig config = decoder.config();
    Integer begin = null;
    if (tokenizer != null) {
      TokenizerExport files = TokenizerExport.of(tokenizer, config, settings.beginOfText());
      files.write(config, directory);
      begin = files.begin();
    }
    TokenizerExport.writeGeneration(begin, config.eosTokenId(), directory);
    companions.write(directory, begin != null);
    writeWeights(engine, decoder, directory, settings);
    ConfigFile.write(config, directory, keys(begin, settings));
  }

  /**
   * Moves the files into a directory that is there, which may be a mount point; the configuration
   * last, so that a folder that was cut off is no model.
   */
  private static void fill(Path directory, Path from) throws IOException {
    List<Path> files;
    try (Stream<Path> written = Files.list(from)) {
      files = written.filter(file -> !file.endsWith(ConfigFile.NAME)).toList();
    }
    try {
      for (Path file : files) {
        Files.move(file, directory.resolve(file.getFileName()));
      }
      Files.move(from.resolve(ConfigFile.NAME), directory.resolve(ConfigFile.NAME));
    } catch (IOException e) {
      for (Path file : files) {
        Files.deleteIfExists(directory.resolve(file.getFileName()));
      }
      throw e;
    }
    Files.delete(from);
  }

  private static void deleteFlat(Path directory, Exception reason) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  private static void writeWeights(
      TensorEngine engine, Decoder decoder, Path directory, ExportSettings settings)
      throws IOException {
    try (NDManager scratch = engine.newManager()) {
      Map<String, NDArray> tensors = ReleasedWeights.of(decoder, scratch);
      Map<String, ElementType> stored = new HashMap<>();
      tensors
          .keySet()
          .forEach(name ->
              stored.put(
                  name,
                  name.endsWith(ReleasedWeights.SELECTION_BIAS)
                      ? ElementType.F32
                      : settings.stored()));
      Shards.split(tensors, stored, settings.maxShardBytes()).write(directory, stored);
    }
  }

  private static Map<String, Object> keys(@Nullable Integer begin, ExportSettings settings) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("torch_dtype", settings.torchType());
    keys.put("use_cache", true);
    keys.put("pretraining_tp", 1);
    if (begin != null) {
      keys.put("bos_token_id", begin);
    }
    return keys;
  }

  /** Refuses what transformers' DeepseekV3 has no word for and would leave out. */
  private static void requireKnown(LanguageConfig config) {
    if (config.mlpBias()) {
      throw new IllegalArgumentException(
          "mlp_bias is true, but transformers has no biases in the feed-forward layers");
    }
    if (config.routerBias()) {
      throw new IllegalArgumentException(
          "router_bias is true, but transformers has no learned biases in the routers");
    }
    boolean known =
        switch (config.hiddenAct()) {
          case SILU, GELU, GELU_TANH, GELU_SIGMOID, SIGMOID, TANH, RELU, LEAKY_RELU, MISH, LINEAR ->
              true;
          // Unknown, or with a slope an expert of its own.
          case LEAKY_RELU_TENTH, PRELU, SWISH_BETA, ELU, SELU, STEP -> false;
        };
    if (!known) {
      throw new IllegalArgumentException(
          "hidden_act is \"%s\", which transformers does not know or computes otherwise"
              .formatted(config.hiddenAct().key()));
    }
  }

  private static void requireEmpty(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw new FileAlreadyExistsException(directory.toString(), null, "it is not a directory");
    }
    try (Stream<Path> there = Files.list(directory)) {
      if (there.findAny().isPresent()) {
        throw new FileAlreadyExistsException(
            directory.toString(), null, "there is something in it; choose a new directory");
      }
    }
  }
}
