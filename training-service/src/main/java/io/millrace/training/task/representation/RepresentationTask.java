package io.millrace.training.task.representation;

import io.millrace.contracts.Tasks;
import io.millrace.encoder.encode.Encoder;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.EncoderConfigFile;
import io.millrace.encoder.encode.LanguageEncoder;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.TextEncoder;
import io.millrace.encoder.encode.TokenEncoder;
import io.millrace.encoder.represent.RepresentationPresets;
import io.millrace.encoder.represent.RepresentationSettings;
import io.millrace.encoder.represent.RepresentationTrainer;
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
import java.nio.file.Path;
import java.util.List;
import org.springframework.stereotype.Component;

/** Encoders of texts and pictures, which need no labels: labels and boxes are not looked at. */
@Component
public final class RepresentationTask implements Task<RepresentationOptions> {
  private static final int MAX_CONFIG = 1 << 20;
  private static final List<Preset> BUILT_IN =
      List.of(
          new Preset("cpc-text-nano", null, 8, 2e-3),
          new Preset("cpc-text-small", null, 4, 1e-2),
          new Preset("cpc-text", null, 8, 2e-4),
          new Preset("cpc-pictures-nano", null, 16, 2e-3),
          new Preset("cpc-pictures", null, 16, 2e-4),
          new Preset("cpc-text-decoder-nano", null, 8, 2e-3),
          new Preset("cpc-text-decoder", null, 8, 3e-4));

  private final List<Preset> presets;

  /** The task with the presets of the installation. */
  public RepresentationTask(TrainingProperties properties) {
    this.presets = CustomPresets.with(BUILT_IN, name(), properties);
  }

  @Override
  public String name() {
    return Tasks.REPRESENTATION;
  }

  @Override
  public RepresentationOptions standard() {
    return RepresentationOptions.STANDARD;
  }

  @Override
  public String items() {
    return "documents";
  }

  @Override
  public List<String> series() {
    return RepresentationTraining.SERIES;
  }

  @Override
  public List<Preset> presets() {
    return presets;
  }

  @Override
  public void requireSuitable(Preset preset, DatasetEntry dataset, RepresentationOptions options) {
    try {
      requireFits("preset " + preset.name(), fresh(preset, dataset, options), options.settings());
    } catch (IOException e) {
      throw FileRefusal.of(
          "preset %s cannot be read: %s".formatted(preset.name(), e.getMessage()), e);
    }
  }

  @Override
  public void requireSuitable(
      BaseModel model, DatasetEntry dataset, RepresentationOptions options) {
    String name = "model '" + model.label() + "'";
    try {
      EncoderConfig config =
          EncoderConfigFile.read(
              name + "/" + EncoderConfigFile.NAME, model.file(EncoderConfigFile.NAME, MAX_CONFIG));
      requireKind(name, model, config, dataset);
      if (options.stepsAhead() != 0 && options.stepsAhead() != config.steps()) {
        throw MillraceException.invalid(
            "steps_ahead",
            "%s predicts %d steps ahead, with a matrix for each: leave steps_ahead out"
                .formatted(name, config.steps()));
      }
      requireFits(name, config, options.settings());
    } catch (IOException | IllegalArgumentException e) {
      throw FileRefusal.of("%s cannot be learned from: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Pictures of any size are scaled to the model's. */
  private static void requireKind(
      String name, BaseModel model, EncoderConfig config, DatasetEntry dataset) throws IOException {
    switch (config.encoder()) {
      case TextEncoder _ -> DatasetTokenizer.requireSame(model, dataset, text(name, dataset));
      case PictureEncoder _ -> {
        Content.Pictures _ = pictures(name, dataset);
      }
    }
  }

  private static void requireFits(
      String name, EncoderConfig config, RepresentationSettings settings) {
    try {
      settings.requireFits(config);
    } catch (IllegalArgumentException e) {
      throw MillraceException.precondition("%s: %s".formatted(name, e.getMessage()));
    }
  }

  /** A preset's configuration for a dataset. */
  private static EncoderConfig fresh(
      Preset preset, DatasetEntry dataset, RepresentationOptions options) throws IOException {
    Path folder = preset.folder();
    EncoderConfig config =
        folder == null ? RepresentationPresets.of(preset.name()) : EncoderConfigFile.read(folder);
    String name = "preset " + preset.name();
    try {
      int steps = options.stepsAhead() == 0 ? config.steps() : options.stepsAhead();
      return new EncoderConfig(
          config.layers(),
          fitted(name, config.encoder(), dataset),
          config.context(),
          config.pooling(),
          steps);
    } catch (IllegalArgumentException e) {
      throw MillraceException.precondition(
          "%s does not fit dataset '%s': %s".formatted(name, dataset.name(), e.getMessage()));
    }
  }

  /** The encoder with the dataset's vocabulary, or for pictures of its size. */
  private static Encoder fitted(String name, Encoder encoder, DatasetEntry dataset) {
    return switch (encoder) {
      case TokenEncoder tokens ->
          tokens.withVocabulary(DatasetTokenizer.require(dataset, text(name, dataset)).vocabSize());
      case LanguageEncoder _ ->
          throw new IllegalArgumentException("a language model is learned by task language");
      case PictureEncoder pictures -> {
        Content.Pictures content = pictures(name, dataset);
        yield pictures.withInput(content.width(), content.height());
      }
    };
  }

  private static Content.Text text(String name, DatasetEntry dataset) {
    return switch (dataset.content()) {
      case Content.Text text -> text;
      case Content.Pictures _ -> throw other(name, "texts", dataset, "images");
      case Content.Rows _ -> throw other(name, "texts", dataset, "rows");
    };
  }

  private static Content.Pictures pictures(String name, DatasetEntry dataset) {
    return switch (dataset.content()) {
      case Content.Pictures pictures -> pictures;
      case Content.Text _ -> throw other(name, "pictures", dataset, "text");
      case Content.Rows _ -> throw other(name, "pictures", dataset, "rows");
    };
  }

  private static MillraceException other(
      String name, String takes, DatasetEntry dataset, String holds) {
    return MillraceException.precondition(
        "dataset '%s' holds %s; %s encodes %s".formatted(dataset.name(), holds, name, takes));
  }

  @Override
  public RepresentationTraining<?> open(TaskContext<RepresentationOptions> context, Start start)
      throws IOException {
    RepresentationTrainer trainer = trainer(context, start);
    try {
      int batches = context.options().accumulation();
      return switch (trainer.config().encoder()) {
        case TextEncoder tokens ->
            new RepresentationTraining<>(
                trainer,
                new TextFormat(tokens.vocabulary()),
                batches,
                DatasetTokenizer.read(context, text("the model", context.dataset())));
        case PictureEncoder pictures ->
            new RepresentationTraining<>(
                trainer, new PictureFormat(pictures), batches, new byte[0]);
      };
    } catch (IOException | RuntimeException e) {
      trainer.close();
      throw e;
    }
  }

  private static RepresentationTrainer trainer(
      TaskContext<RepresentationOptions> context, Start start) throws IOException {
    TensorEngine engine = context.engine();
    RepresentationSettings settings = context.options().settings();
    return switch (start) {
      case Start.Fresh fresh ->
          RepresentationTrainer.create(
              engine,
              fresh(fresh.preset(), context.dataset(), context.options()),
              settings,
              fresh.seed());
      case Start.Resumed resumed ->
          RepresentationTrainer.restore(engine, resumed.folder(), settings);
      case Start.From from ->
          RepresentationTrainer.from(engine, from.model(), settings, from.seed());
    };
  }
}
