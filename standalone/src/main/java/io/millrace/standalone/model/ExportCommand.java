package io.millrace.standalone.model;

import io.millrace.contracts.Tasks;
import io.millrace.language.interchange.CompanionFiles;
import io.millrace.language.interchange.ExportSettings;
import io.millrace.language.interchange.HuggingFaceExport;
import io.millrace.language.model.Decoder;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.checkpoint.CheckpointException;
import io.millrace.platform.name.Names;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.Materialised;
import io.millrace.standalone.terminal.UserError;
import io.millrace.standalone.up.Device;
import io.millrace.standalone.up.StoppedPlatform;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import io.millrace.vision.detector.DetectorConfigFile;
import io.millrace.vision.detector.DetectorExport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace export}: a model as a folder that others can read. */
@Command(
    name = "export",
    sortOptions = false,
    description = {
      "Writes a language model as a folder that Hugging Face transformers loads (AutoModelForCausalLM and"
          + " AutoTokenizer, model type deepseek_v3).",
      "MTP modules are written as in the released files; transformers reports them as unexpected and does not run"
          + " them.",
      "A detector is written as config.json, model.safetensors (f32) and classes.txt."
    })
public final class ExportCommand implements Callable<Integer> {

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description =
          "name of a model of a platform that is not running, or a checkpoint's folder (a path with a /)")
  private String model = "";

  @Parameters(index = "1", paramLabel = "DIR", description = "the folder, new or empty")
  private Path target = Path.of(".");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "shows this help")
  private boolean help;

  @Option(
      names = "--version",
      paramLabel = "N",
      defaultValue = "0",
      description = "version of the model (default: the newest)")
  private int version;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = ".millrace",
      description = "where the platform keeps everything (default: ${DEFAULT-VALUE})")
  private Path home = Path.of(".millrace");

  @Option(
      names = "--dtype",
      defaultValue = "f32",
      description =
          "how weights are stored: f32, bf16 or f16 (default: ${DEFAULT-VALUE}); selection biases are f32 always")
  private String dtype = "f32";

  @Option(
      names = "--max-shard-bytes",
      paramLabel = "N",
      defaultValue = "5000000000",
      description = "splits larger weights into several files (default: ${DEFAULT-VALUE})")
  private long maxShardBytes;

  @Option(
      names = "--no-bos",
      description = {
        "tokenizer.json puts no token in front of texts (default: its own, or the one that ends documents)."
            + " Models trained by the platform have seen none there and are served without."
      })
  private boolean noBos;

  @Override
  public Integer call() {
    ExportSettings settings = settings();
    if (!Names.isName(model)) {
      export(Path.of(model), settings);
      return 0;
    }
    if (version < 0) {
      throw new UserError("--version " + version + " must not be negative");
    }
    try (StoppedPlatform platform = StoppedPlatform.open(home, /* make= */ false)) {
      ModelVersion found = platform.model(model, version);
      if (!List.of(Tasks.LANGUAGE, Tasks.DETECTION).contains(found.task())) {
        throw new UserError(
            "model %s is of task %s; language models and detectors can be exported"
                .formatted(model, found.task()));
      }
      try (Materialised files = platform.verified(found)) {
        export(files.directory(), settings);
      }
      System.out.printf("version %d of %s, step %d%n", found.version(), model, found.step());
      return 0;
    } catch (CheckpointException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
  }

  private ExportSettings settings() {
    ElementType stored =
        switch (dtype.toLowerCase(Locale.ROOT)) {
          case "f32" -> ElementType.F32;
          case "bf16" -> ElementType.BF16;
          case "f16" -> ElementType.F16;
          default -> throw new UserError("--dtype " + dtype + " is unknown; use f32, bf16 or f16");
        };
    try {
      return new ExportSettings(stored, maxShardBytes, !noBos);
    } catch (IllegalArgumentException e) {
      throw new UserError("--max-shard-bytes: " + e.getMessage(), e);
    }
  }

  private void export(Path folder, ExportSettings settings) {
    TensorEngine engine = Device.engine("cpu");
    if (DetectorConfigFile.isThere(folder)) {
      exportDetector(engine, folder, settings);
      return;
    }
    try (Decoder decoder = ModelSource.decoder(engine, folder)) {
      HuggingFaceExport.write(
          engine, decoder, tokenizer(folder), CompanionFiles.read(folder), target, settings);
      System.out.printf(
          "exported %s to %s: %,d parameters as %s%n",
          model, target, decoder.weights().count(), settings.stored());
    } catch (IOException e) {
      throw new UserError(ModelSource.reason(e), e);
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new UserError(target + ": " + e.getMessage(), e);
    }
  }

  private void exportDetector(TensorEngine engine, Path folder, ExportSettings settings) {
    if (settings.stored() != ElementType.F32 || noBos) {
      throw new UserError("a detector is exported as f32 and has no tokenizer");
    }
    try {
      long parameters = DetectorExport.write(engine, folder, target);
      System.out.printf("exported %s to %s: %,d parameters as f32%n", model, target, parameters);
    } catch (IOException e) {
      throw new UserError(ModelSource.reason(e), e);
    }
  }

  private static @Nullable Tokenizer tokenizer(Path folder) {
    Path file = folder.resolve(Tokenizer.FILE);
    return Files.exists(file) ? ModelSource.tokenizer(file) : null;
  }
}
