package io.millrace.training.task.language;

import io.millrace.contracts.Tasks;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.config.LanguagePresets;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.language.train.Precision;
import io.millrace.language.train.Recomputation;
import io.millrace.platform.checkpoint.Sha256;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.training.TrainingProperties;
import io.millrace.training.task.CustomPresets;
import io.millrace.training.task.Preset;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskContext;
import io.millrace.training.task.TaskOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.stereotype.Component;

/** Language models: packed sequences of a text dataset, with its tokenizer. */
@Component
public final class LanguageTask implements Task {
  private static final List<Preset> BUILT_IN =
      List.of(
          new Preset("nano", null, 8, 3e-3),
          new Preset("micro", null, 8, 1e-3),
          new Preset("small", null, 8, 6e-4));

  private final List<Preset> presets;

  /** The task with the presets of the installation. */
  public LanguageTask(TrainingProperties properties) {
    this.presets = CustomPresets.with(BUILT_IN, name(), properties);
  }

  @Override
  public String name() {
    return Tasks.LANGUAGE;
  }

  @Override
  public List<String> series() {
    return List.of(LanguageTraining.EXPERT_LOAD);
  }

  @Override
  public List<Preset> presets() {
    return presets;
  }

  @Override
  public Preset preset(String name) {
    if (LanguagePresets.NAMES.contains(name)
        && presets.stream().noneMatch(preset -> preset.name().equals(name))) {
      throw MillraceException.invalid(
          "preset",
          "preset %s can be planned (./millrace plan %s), not run: %s"
              .formatted(
                  name,
                  name,
                  name.equals("v3")
                      ? "its 671 billion parameters fit no single device"
                      : "its gates are those of DeepSeek-V2"));
    }
    return Task.super.preset(name);
  }

  @Override
  public void requireSuitable(Preset preset, DatasetEntry dataset) {
    tokenizer(dataset);
    requireFits(preset, shape(preset), dataset);
  }

  private static void requireFits(Preset preset, LanguageConfig config, DatasetEntry dataset) {
    int packLength = text(dataset).packLength();
    if (packLength > config.maxPositionEmbeddings()) {
      throw MillraceException.precondition(
          "dataset '%s' has documents of up to %d tokens, preset %s reads %d"
              .formatted(
                  dataset.name(), packLength, preset.name(), config.maxPositionEmbeddings()));
    }
  }

  /** Has all of them, but lower precisions not for every shape. */
  @Override
  public void requireSuitable(Preset preset, TaskOptions options) {
    if (options.precision() != Precision.F32) {
      LanguageConfig config = shape(preset);
      try {
        options.precision().requireCovers(config);
      } catch (IllegalArgumentException e) {
        throw MillraceException.invalid(
            "precision", "preset %s: %s".formatted(preset.name(), e.getMessage()));
      }
    }
  }

  @Override
  public LanguageTraining create(TaskContext context, long seed) throws IOException {
    byte[] json = readTokenizer(context);
    Tokenizer tokenizer = Tokenizer.read(json);
    LanguageConfig config =
        config(context.preset(), tokenizer.vocabSize(), tokenizer.endOfDocument());
    requireFits(context.preset(), config, context.dataset());
    return new LanguageTraining(
        LanguageTrainer.create(context.engine(), config, settings(context.options()), seed), json);
  }

  @Override
  public LanguageTraining restore(TaskContext context, Path directory) throws IOException {
    byte[] json = readTokenizer(context);
    return new LanguageTraining(
        LanguageTrainer.restore(context.engine(), directory, settings(context.options())), json);
  }

  /** With a vocabulary of some size, which is the dataset's to say. */
  private static LanguageConfig shape(Preset preset) {
    try {
      return config(preset, /* vocabSize= */ 1024, /* endOfDocument= */ 0);
    } catch (IOException e) {
      throw new UncheckedIOException("preset " + preset.name(), e);
    }
  }

  private static LanguageTrainingSettings settings(TaskOptions options) {
    return LanguageTrainingSettings.deepSeek()
        .with(options.documents())
        .with(new Recomputation(options.recomputeEvery()))
        .withEma(options.emaDecay())
        .with(options.precision());
  }

  private static LanguageConfig config(Preset preset, int vocabSize, int endOfDocument)
      throws IOException {
    Path folder = preset.folder();
    return folder == null
        ? LanguageConfig.preset(preset.name(), vocabSize, endOfDocument)
        : ConfigFile.read(folder).withVocabulary(vocabSize, endOfDocument);
  }

  private static Content.Text text(DatasetEntry dataset) {
    return switch (dataset.content()) {
      case Content.Text text -> text;
      case Content.Pictures pictures ->
          throw MillraceException.precondition(
              "dataset '%s' holds images; task language needs text".formatted(dataset.name()));
    };
  }

  private static TokenizerEntry tokenizer(DatasetEntry dataset) {
    TokenizerEntry tokenizer = text(dataset).tokenizer();
    if (tokenizer == null) {
      throw MillraceException.precondition(
          "dataset '%s' has no tokenizer; set one first".formatted(dataset.name()));
    }
    return tokenizer;
  }

  private static byte[] readTokenizer(TaskContext context) throws IOException {
    TokenizerEntry entry = tokenizer(context.dataset());
    byte[] json = context.objects().read(entry.location(), Tokenizer.MAX_BYTES);
    String sha256 = Sha256.of(json);
    if (!sha256.equals(entry.sha256())) {
      throw new IOException(
          "%s: expected SHA-256 %s, found %s".formatted(entry.location(), entry.sha256(), sha256));
    }
    return json;
  }
}
