package io.millrace.standalone.model;

import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.config.LanguagePresets;
import io.millrace.language.plan.Plan;
import io.millrace.standalone.terminal.UserError;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorFields;
import io.millrace.vision.detector.DetectorPlan;
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
      "Of a detector: parameters, multiply-adds of a picture, bytes, receptive fields.",
      "Only its configuration is read; no weight is allocated."
    })
public final class PlanCommand implements Callable<Integer> {

  private static final int USUAL_CONTEXT = 4096;
  private static final long USUAL_TOKENS = 4096;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  @Parameters(
      paramLabel = "CONFIG",
      description =
          "a config.json, a model folder, or a preset: nano, micro, small, v2-lite, v3, or a detector's (centernet-nano, ...)")
  private String config = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "tokens of a training batch on the device (default: 4096)")
  private @Nullable Long tokens;

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
      DetectorConfig detector = DetectorPlans.find(config);
      return detector == null ? ofLanguage() : ofDetector(detector);
    } catch (IllegalArgumentException e) {
      throw new UserError(config + ": " + e.getMessage(), e);
    }
  }

  private int ofDetector(DetectorConfig detector) {
    if (tokens != null || context != null || vocabSize != null) {
      throw new UserError(
          config + " is a detector: --tokens, --context and --vocab-size are of language models");
    }
    DetectorPlan plan = DetectorPlan.of(TensorEngine.start("cpu"), detector);
    DetectorFields fields = DetectorFields.of(detector);
    if (json) {
      System.out.println(JSON.writeValueAsString(new DetectorPlans.Costs(plan, fields)));
    } else {
      System.out.print(DetectorPlans.table(config, plan, fields));
    }
    return 0;
  }

  private int ofLanguage() {
    LanguageConfig shape = shape();
    if (vocabSize != null) {
      shape = shape.withVocabulary(vocabSize, Math.min(shape.eosTokenId(), vocabSize - 1));
    }
    int length = context == null ? Math.min(USUAL_CONTEXT, shape.maxPositionEmbeddings()) : context;
    Plan plan = Plan.of(shape, tokens == null ? USUAL_TOKENS : tokens, length);
    if (json) {
      System.out.println(JSON.writeValueAsString(plan));
    } else {
      System.out.print(PlanTable.of(config, plan));
    }
    return 0;
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
          "%s is neither a file nor a preset (%s; detectors: %s)"
              .formatted(
                  e.getFile(),
                  String.join(", ", LanguagePresets.NAMES),
                  String.join(", ", DetectorPlans.presets())),
          e);
    } catch (IOException e) {
      throw new UserError(ModelSource.reason(e), e);
    }
  }
}
