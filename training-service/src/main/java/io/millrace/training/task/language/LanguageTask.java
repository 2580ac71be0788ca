package io.millrace.training.task.language;

import io.millrace.contracts.Tasks;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.config.LanguagePresets;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.language.train.Precision;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.training.TrainingProperties;
import io.millrace.training.task.BaseModel;
import io.millrace.training.task.CustomPresets;
import io.millrace.training.task.DatasetTokenizer;
import io.millrace.training.task.FileRefusal;
import io.millrace.training.task.Preset;
import io.millrace.training.task.Start;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.stereotype.Component;

/** Language models: packed sequences of a text dataset, with its tokenizer. */
@Component
public final class LanguageTask implements Task<LanguageOptions> {
  private static final int MAX_CONFIG = 1 << 20;
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
  public LanguageOptions standard() {
    return LanguageOptions.STANDARD;
  }

  @Override
  public String items() {
    return "tokens";
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
  public void requireSuitable(Preset preset, DatasetEntry dataset, LanguageOptions options) {
    LanguageConfig config = shape(preset);
    requireCovers("preset " + preset.name(), config, options);
    DatasetTokenizer.require(dataset, text(dataset));
    requireFits("preset " + preset.name(), config, dataset);
  }

  @Override
  public void requireSuitable(BaseModel model, DatasetEntry dataset, LanguageOptions options) {
    String name = "model '" + model.label() + "'";
    DatasetTokenizer.require(dataset, text(dataset));
    try {
      LanguageConfig config =
          ConfigFile.read(name + "/" + ConfigFile.NAME, model.file(ConfigFile.NAME, MAX_CONFIG));
      DatasetTokenizer.requireSame(model, dataset, text(dataset));
      requireCovers(name, config, options);
      requireFits(name, config, dataset);
    } catch (IOException | IllegalArgumentException e) {
      throw FileRefusal.of("%s cannot be learned from: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static void requireFits(String model, LanguageConfig config, DatasetEntry dataset) {
    int packLength = text(dataset).packLength();
    if (packLength > config.maxPositionEmbeddings()) {
      throw MillraceException.precondition(
          "dataset '%s' has documents of up to %d tokens, %s reads %d"
              .formatted(dataset.name(), packLength, model, config.maxPositionEmbeddings()));
    }
  }

  /** Lower precisions are not for every shape. */
  private static void requireCovers(String model, LanguageConfig config, LanguageOptions options) {
    if (options.numbers() != Precision.F32) {
      try {
        options.numbers().requireCovers(config);
      } catch (IllegalArgumentException e) {
        throw MillraceException.invalid("precision", "%s: %s".formatted(model, e.getMessage()));
      }
    }
  }

  @Override
  public LanguageTraining open(TaskContext<LanguageOptions> context, Start start)
      throws IOException {
    byte[] json = DatasetTokenizer.read(context, text(context.dataset()));
    LanguageOptions options = context.options();
    return new LanguageTraining(trainer(context, start, json), options.accumulation(), json);
  }

  private static LanguageTrainer trainer(
      TaskContext<LanguageOptions> context, Start start, byte[] tokenizer) throws IOException {
    TensorEngine engine = context.engine();
    LanguageTrainingSettings settings = context.options().settings();
    return switch (start) {
      case Start.Fresh fresh -> {
        Tokenizer vocabulary = Tokenizer.read(tokenizer);
        LanguageConfig config =
            config(fresh.preset(), vocabulary.vocabSize(), vocabulary.endOfDocument());
        requireFits("preset " + fresh.preset().name(), config, context.dataset());
        yield LanguageTrainer.create(engine, config, settings, fresh.seed());
      }
      case Start.Resumed resumed -> LanguageTrainer.restore(engine, resumed.folder(), settings);
      case Start.From from -> LanguageTrainer.from(engine, from.model(), settings);
    };
  }

  /** With a vocabulary of some size, which is the dataset's to say. */
  private static LanguageConfig shape(Preset preset) {
    try {
      return config(preset, /* vocabSize= */ 1024, /* endOfDocument= */ 0);
    } catch (IOException e) {
      throw new UncheckedIOException("preset " + preset.name(), e);
    }
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
      case Content.Pictures _, Content.Rows _ ->
          throw MillraceException.precondition(
              "dataset '%s' holds %s; task language needs text"
                  .formatted(dataset.name(), dataset.content().kind()));
    };
  }
}
