package io.millrace.standalone.model;

import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.config.LanguagePresets;
import io.millrace.language.plan.Plan;
import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace plan}: what a model costs, from its configuration alone. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints what a language model of the DeepSeek-V2 or V3 family costs: parameters, bytes for training,"
          + " bytes of the latent cache, floating point operations of a token.",
      "Only its configuration is read; nothing is allocated."
    })
public final class PlanCommand implements Callable<Integer> {

  private static final int USUAL_CONTEXT = 4096;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  @Parameters(
      paramLabel = "CONFIG",
      description = "a config.json, a model folder, or a preset: nano, micro, small, v2-lite, v3")
  private String config = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "4096",
      description = "tokens of a training batch on the device (default: ${DEFAULT-VALUE})")
  private long tokens;

  @Option(
      names = "--context",
      paramLabel = "N",
      description =
          "tokens of a document, for operations and memory of the attention (default: 4096, or the longest the model reads)")
  private @Nullable Integer context;

  @Option(
      names = "--vocab-size",
      paramLabel = "N",
      description = "another vocabulary than the configuration's")
  private @Nullable Integer vocabSize;

  @Option(names = "--json", description = "prints JSON: exact counts, bytes and operations")
  private boolean json;

  @Override
  public Integer call() {
    try {
      LanguageConfig shape = shape();
      if (vocabSize != null) {
        shape = shape.withVocabulary(vocabSize, Math.min(shape.eosTokenId(), vocabSize - 1));
      }
      int length =
          context == null ? Math.min(USUAL_CONTEXT, shape.maxPositionEmbeddings()) : context;
      Plan plan = Plan.of(shape, tokens, length);
      if (json) {
        System.out.println(JSON.writeValueAsString(plan));
      } else {
        System.out.print(PlanTable.of(config, plan));
      }
      return 0;
    } catch (IllegalArgumentException e) {
      throw new UserError(config + ": " + e.getMessage(), e);
    }
  }

  private LanguageConfig shape() {
    if (LanguagePresets.NAMES.contains(config.toLowerCase(Locale.ROOT))) {
      return LanguagePresets.shape(config);
    }
    Path path = Path.of(config);
    try {
      return ConfigFile.readShape(Files.isDirectory(path) ? path.resolve(ConfigFile.NAME) : path);
    } catch (NoSuchFileException e) {
      throw new UserError(
          "%s is neither a file nor a preset (%s)"
              .formatted(e.getFile(), String.join(", ", LanguagePresets.NAMES)),
          e);
    } catch (IOException e) {
      throw new UserError(ModelSource.reason(e), e);
    }
  }
}
