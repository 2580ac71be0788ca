package io.millrace.training.task.classification;

import io.millrace.contracts.Tasks;
import io.millrace.encoder.classify.ClassifierConfig;
import io.millrace.encoder.classify.ClassifierConfigFile;
import io.millrace.encoder.classify.ClassifierHead;
import io.millrace.encoder.classify.ClassifierTrainer;
import io.millrace.encoder.classify.ClassifierTraining;
import io.millrace.encoder.classify.ClassifierTrainingSettings;
import io.millrace.encoder.classify.EncodedInput;
import io.millrace.encoder.classify.PerceptronTrainer;
import io.millrace.encoder.classify.RowInput;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.TextEncoder;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.VersionHolds;
import io.millrace.platform.store.ObjectStore;
import io.millrace.training.TrainingProperties;
import io.millrace.training.task.BaseModel;
import io.millrace.training.task.CustomPresets;
import io.millrace.training.task.DatasetTokenizer;
import io.millrace.training.task.Preset;
import io.millrace.training.task.Start;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** Classifiers: texts, pictures or rows that have a label. */
@Component
public final class ClassificationTask implements Task<ClassificationOptions> {

  private static final List<Preset> BUILT_IN =
      Arrays.stream(ClassifierShape.values()).map(ClassifierShape::preset).toList();

  private final List<Preset> presets;
  private final PublishedEncoders encoders;

  /** The task with the presets of the installation. */
  @Autowired
  public ClassificationTask(
      TrainingProperties properties, ModelRegistry models, ObjectStore objects) {
    this(properties, new PublishedEncoders(models::model, objects));
  }

  ClassificationTask(TrainingProperties properties, PublishedEncoders encoders) {
    this.presets = CustomPresets.with(BUILT_IN, name(), properties);
    this.encoders = encoders;
  }

  @Override
  public List<VersionHolds.Numbered> needed(ClassificationOptions options) {
    return options.encoder().isEmpty()
        ? List.of()
        : List.of(PublishedEncoders.numbered(options.encoder()));
  }

  @Override
  public String name() {
    return Tasks.CLASSIFICATION;
  }

  @Override
  public ClassificationOptions standard() {
    return ClassificationOptions.STANDARD;
  }

  @Override
  public String items() {
    return "examples";
  }

  @Override
  public List<String> series() {
    return List.of();
  }

  @Override
  public List<Preset> presets() {
    return presets;
  }

  @Override
  public void requireSteps(long steps, ClassificationOptions options) {
    ClassifierTrainingSettings unused = options.settings(steps);
  }

  @Override
  public void requireSuitable(Preset preset, DatasetEntry dataset, ClassificationOptions options) {
    new DatasetFit(dataset).requireClasses();
    options.requireClasses(dataset.content().classes());
    if (dataset.content() instanceof Content.Text text) {
      DatasetTokenizer.require(dataset, text);
    }
    FreshClassifier unused = FreshClassifier.of(preset, dataset, options, encoders);
  }

  @Override
  public void requireSuitable(
      BaseModel model, DatasetEntry dataset, ClassificationOptions options) {
    DatasetFit fit = new DatasetFit(dataset);
    fit.requireClasses();
    List<String> classes = dataset.content().classes();
    options.requireClasses(classes);
    String name = "model '" + model.label() + "'";
    ClassifierConfig config;
    try {
      config =
          ClassifierConfigFile.read(
              name + "/" + ClassifierConfigFile.NAME,
              model.file(ClassifierConfigFile.NAME, ClassifierConfigFile.MAX_BYTES));
    } catch (IOException e) {
      throw DatasetFit.unreadable(model, e);
    }
    options.requireNoEncoder(name);
    options.requireHead(config.head(), name);
    if (!config.classes().equals(classes)) {
      throw MillraceException.precondition(
          "%s tells the classes %s apart, dataset '%s' has %s: they must be the same, in the same order"
              .formatted(name, config.classes(), dataset.name(), classes));
    }
    fit.requireTakes(name, config.input());
    fit.requireSameTokenizer(model);
  }

  @Override
  public ClassificationTraining<?> open(TaskContext<ClassificationOptions> context, Start start)
      throws IOException {
    byte[] tokenizer =
        context.dataset().content() instanceof Content.Text text
            ? DatasetTokenizer.read(context, text)
            : new byte[0];
    ClassifierTrainingSettings settings = context.options().settings(context.steps());
    ClassifierTraining trainer =
        switch (start) {
          case Start.Fresh fresh ->
              FreshClassifier.of(fresh.preset(), context.dataset(), context.options(), encoders)
                  .create(context, settings, fresh.seed(), tokenizer);
          case Start.Resumed resumed ->
              isPerceptron(resumed.folder())
                  ? PerceptronTrainer.restore(context.engine(), resumed.folder())
                  : ClassifierTrainer.restore(context.engine(), resumed.folder(), settings);
          case Start.From from ->
              isPerceptron(from.model())
                  ? PerceptronTrainer.restore(context.engine(), from.model())
                  : ClassifierTrainer.from(context.engine(), from.model(), settings, from.seed());
        };
    return training(trainer, context.options(), tokenizer);
  }

  private static boolean isPerceptron(Path folder) throws IOException {
    return ClassifierConfigFile.read(folder).head() instanceof ClassifierHead.Perceptron;
  }

  private static ClassificationTraining<?> training(
      ClassifierTraining trainer, ClassificationOptions options, byte[] tokenizer) {
    int classes = trainer.config().classes().size();
    return switch (trainer.config().input()) {
      case RowInput rows ->
          new ClassificationTraining<>(
              trainer, new RowFormat(rows.width(), classes), options, tokenizer);
      case EncodedInput encoded ->
          switch (encoded.encoder().encoder()) {
            case PictureEncoder pictures ->
                new ClassificationTraining<>(
                    trainer, new PictureFormat(pictures, classes), options, tokenizer);
            case TextEncoder texts ->
                new ClassificationTraining<>(
                    trainer, new TextFormat(texts.vocabulary(), classes), options, tokenizer);
          };
    };
  }
}
