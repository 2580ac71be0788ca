package io.millrace.standalone.model;

import io.millrace.contracts.Tasks;
import io.millrace.language.interchange.CompanionFiles;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.name.Names;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.standalone.terminal.UserError;
import io.millrace.standalone.up.Device;
import io.millrace.standalone.up.StoppedPlatform;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace import}: a folder of Hugging Face becomes a version of a model. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes a model folder of Hugging Face transformers (model type deepseek_v3; F32, F16, BF16 or FP8, in one file"
          + " or shards) a version of a model, which the platform serves from its next start on.",
      "A single .safetensors file with torchvision's or timm's names of a ResNet or a VGG-16 is kept under the name:"
          + " a detection run's backbone_weights begins with it.",
      "A model that exists already is left alone, unless --replace says otherwise.",
      "The platform must not be running. Nothing is registered unless the whole folder is right."
    })
public final class ImportCommand implements Callable<Integer> {

  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = "the model folder, or a .safetensors file of a backbone")
  private Path folder = Path.of(".");

  @Parameters(
      index = "1",
      paramLabel = "NAME",
      description = "name of the model, a new one unless --replace is given")
  private String name = "";

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "its tokenizer.json (default: the folder's)")
  private @Nullable Path tokenizer;

  @Option(
      names = "--replace",
      description = "the model may exist already: this becomes its newest version, and is to serve")
  private boolean replace;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = ".millrace",
      description = "where the platform keeps everything (default: ${DEFAULT-VALUE})")
  private Path home = Path.of(".millrace");

  @Override
  public Integer call() {
    if (!Names.isName(name)) {
      throw new UserError(
          "'%s' is not a name: 1 to 63 characters of a-z, 0-9 and '-', not '-' first"
              .formatted(name));
    }
    if (folder.toString().endsWith(".safetensors")) {
      keepBackbone();
      return 0;
    }
    TensorEngine engine = Device.engine("cpu");
    // Everything that can be wrong with the folder is found before anything starts.
    try (Decoder decoder = ModelSource.decoder(engine, folder)) {
      byte[] json = tokenizer(decoder);
      CompanionFiles companions = CompanionFiles.read(folder);
      try (StoppedPlatform platform = StoppedPlatform.open(home, /* make= */ true)) {
        ModelVersion version =
            platform.publish(
                name,
                Tasks.LANGUAGE,
                Map.of(
                    "parameters", (double) decoder.layout().parameters(),
                    "parameters_active", (double) decoder.layout().activeParameters()),
                replace,
                directory -> {
                  ModelFolder.save(engine, decoder, directory);
                  Files.write(directory.resolve(Tokenizer.FILE), json);
                  companions.write(directory);
                });
        System.out.printf(
            "imported %s as version %d of %s: %,d parameters; ./millrace up --home %s serves it%n",
            folder, version.version(), name, decoder.weights().count(), home);
        if (companions.haveTheirOwnTemplate()) {
          System.out.println(
              "its chat template is kept for exports; the platform knows its own alone, so ask this"
                  + " model for completions");
        }
      }
    } catch (IOException e) {
      throw new UserError(ModelSource.reason(e), e);
    }
    return 0;
  }

  private void keepBackbone() {
    if (tokenizer != null) {
      throw new UserError("a backbone has no tokenizer: leave --tokenizer out");
    }
    if (replace) {
      throw new UserError("a backbone is kept once under a name: leave --replace out");
    }
    if (!Files.isRegularFile(folder)) {
      throw new UserError(folder + " is not a file");
    }
    int tensors;
    try (SafetensorsFile file = SafetensorsFile.open(folder)) {
      tensors = file.tensors().size();
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
    try (StoppedPlatform platform = StoppedPlatform.open(home, /* make= */ true)) {
      platform.keepWeights(name, folder);
    } catch (IOException e) {
      throw new UserError(ModelSource.reason(e), e);
    }
    System.out.printf(
        "kept the %d tensors of %s: \"backbone_weights\": \"%s\" of a detection run begins with them%n",
        tensors, folder, name);
  }

  /** The tokenizer's file, if the model can be served with it. */
  private byte[] tokenizer(Decoder decoder) throws IOException {
    Path file = tokenizer == null ? folder.resolve(Tokenizer.FILE) : tokenizer;
    if (!Files.isRegularFile(file)) {
      throw new UserError(
          file + " does not exist; name the model's tokenizer.json with --tokenizer");
    }
    Tokenizer read = ModelSource.tokenizer(file);
    int tokens = read.vocabSize();
    if (tokens > decoder.config().vocabSize()) {
      throw new UserError(
          "%s has %d tokens, expected at most vocab_size %d of config.json"
              .formatted(file, tokens, decoder.config().vocabSize()));
    }
    try {
      Tokenizer unused = read.endingWith(decoder.config().eosTokenId());
    } catch (IllegalArgumentException e) {
      throw new UserError(file + " does not fit eos_token_id of config.json: " + e.getMessage(), e);
    }
    return Files.readAllBytes(file);
  }
}
