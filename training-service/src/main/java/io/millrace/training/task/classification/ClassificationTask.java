package io.millrace.training.task.classification;

import io.millrace.contracts.Tasks;
import io.millrace.encoder.classify.ClassifierConfig;
import io.millrace.encoder.classify.ClassifierConfigFile;
import io.millrace.encoder.classify.ClassifierHead;
import io.millrace.encoder.classify.ClassifierInput;
import io.millrace.encoder.classify.ClassifierTrainer;
import io.millrace.encoder.classify.ClassifierTraining;
import io.millrace.encoder.classify.ClassifierTrainingSettings;
import io.millrace.encoder.classify.EncodedInput;
import io.millrace.encoder.classify.PerceptronTrainer;
import io.millrace.encoder.classify.RowInput;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.TokenEncoder;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.store.Materialised;
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
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** Classifiers: texts, pictures or rows that have a label. */
@Component
public final class ClassificationTask implements Task<ClassificationOptions> {

  private static final List<Preset> BUILT_IN =
      Arrays.stream(ClassifierShape.values()).map(ClassifierShape::preset).toList();

  /** Of a tokenizer that has not been read. */
  private static final int SOME_VOCABULARY = 1024;

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
    requireClasses(dataset);
    options.requireWeights(dataset.content().classes());
    if (dataset.content() instanceof Content.Text text) {
      DatasetTokenizer.require(dataset, text);
    }
    BaseModel model = options.encoder().isEmpty() ? null : encoders.require(options.encoder());
    EncoderConfig encoder = model == null ? null : requireEncoder(model, dataset);
    try {
      ClassifierConfig unused =
          config(preset, dataset, options, vocabulary(encoder, SOME_VOCABULARY), encoder);
    } catch (IOException | IllegalArgumentException e) {
      throw misfit(preset, dataset, e);
    }
  }

  private static MillraceException misfit(Preset preset, DatasetEntry dataset, Exception cause) {
    return new MillraceException(
        ErrorCode.FAILED_PRECONDITION,
        "preset %s does not fit dataset '%s': %s"
            .formatted(preset.name(), dataset.name(), cause.getMessage()),
        cause);
  }

  /** An encoder says itself how many tokens there are. */
  private static int vocabulary(@Nullable EncoderConfig encoder, int otherwise) {
    return encoder != null && encoder.encoder() instanceof TokenEncoder tokens
        ? tokens.vocabulary()
        : otherwise;
  }

  private static void requireClasses(DatasetEntry dataset) {
    int classes = dataset.content().classes().size();
    if (classes < 2) {
      throw MillraceException.precondition(
          "dataset '%s' has %s; task classification needs at least two: name them when it is created"
              .formatted(dataset.name(), classes == 0 ? "no classes" : "one class"));
    }
  }

  /** That of a published model, which takes what the dataset holds. */
  private static EncoderConfig requireEncoder(BaseModel model, DatasetEntry dataset) {
    EncoderConfig config = PublishedEncoders.config(model);
    requireTakes("model '" + model.label() + "'", EncodedInput.of(config, true), dataset);
    if (dataset.content() instanceof Content.Text text) {
      requireSameTokenizer(model, dataset, text);
    }
    return config;
  }

  private static void requireSameTokenizer(
      BaseModel model, DatasetEntry dataset, Content.Text text) {
    try {
      DatasetTokenizer.requireSame(model, dataset, text);
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(model, e);
    }
  }

  private static MillraceException unreadable(BaseModel model, Exception cause) {
    return new MillraceException(
        ErrorCode.FAILED_PRECONDITION,
        "model '%s' cannot be learned from: %s".formatted(model.label(), cause.getMessage()),
        cause);
  }

  private static void requireTakes(String model, ClassifierInput input, DatasetEntry dataset) {
    switch (dataset.content()) {
      case Content.Text _ -> requireKind(model, takesTexts(input), "texts", dataset);
      case Content.Pictures _ -> requireKind(model, takesPictures(input), "images", dataset);
      case Content.Rows rows -> {
        requireKind(model, input instanceof RowInput, "rows", dataset);
        if (input instanceof RowInput(List<String> columns) && !columns.equals(rows.columns())) {
          throw MillraceException.precondition(
              "%s takes the columns %s, dataset '%s' has %s: they must be the same, in the same order"
                  .formatted(model, columns, dataset.name(), rows.columns()));
        }
      }
    }
  }

  private static boolean takesTexts(ClassifierInput input) {
    return input instanceof EncodedInput encoded && !takesPictures(encoded);
  }

  private static boolean takesPictures(ClassifierInput input) {
    return input instanceof EncodedInput encoded
        && encoded.encoder().encoder() instanceof PictureEncoder;
  }

  private static void requireKind(String model, boolean right, String kind, DatasetEntry dataset) {
    if (!right) {
      throw MillraceException.precondition(
          "dataset '%s' holds %s, which %s does not take".formatted(dataset.name(), kind, model));
    }
  }

  @Override
  public void requireSuitable(
      BaseModel model, DatasetEntry dataset, ClassificationOptions options) {
    if (!options.encoder().isEmpty() || !options.hidden().isEmpty()) {
      throw MillraceException.invalid(
          options.encoder().isEmpty() ? "hidden" : "encoder",
          "encoder and hidden are for a fresh model; this run begins with model '%s' as it is"
              .formatted(model.label()));
    }
    requireClasses(dataset);
    List<String> classes = dataset.content().classes();
    options.requireWeights(classes);
    String name = "model '" + model.label() + "'";
    ClassifierConfig config;
    try {
      config =
          ClassifierConfigFile.read(
              name + "/" + ClassifierConfigFile.NAME,
              model.file(ClassifierConfigFile.NAME, ClassifierConfigFile.MAX_BYTES));
    } catch (IOException e) {
      throw unreadable(model, e);
    }
    if (!config.classes().equals(classes)) {
      throw MillraceException.precondition(
          "%s tells the classes %s apart, dataset '%s' has %s: they must be the same, in the same order"
              .formatted(name, config.classes(), dataset.name(), classes));
    }
    requireTakes(name, config.input(), dataset);
    if (dataset.content() instanceof Content.Text text) {
      requireSameTokenizer(model, dataset, text);
    }
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
          case Start.Fresh fresh -> create(context, fresh, settings, tokenizer);
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

  private ClassifierTraining create(
      TaskContext<ClassificationOptions> context,
      Start.Fresh fresh,
      ClassifierTrainingSettings settings,
      byte[] tokenizer)
      throws IOException {
    DatasetEntry dataset = context.dataset();
    ClassificationOptions options = context.options();
    BaseModel model = options.encoder().isEmpty() ? null : encoders.require(options.encoder());
    EncoderConfig encoder = model == null ? null : requireEncoder(model, dataset);
    int vocabulary =
        tokenizer.length == 0
            ? SOME_VOCABULARY
            : vocabulary(encoder, Tokenizer.read(tokenizer).vocabSize());
    ClassifierConfig config;
    try {
      config = config(fresh.preset(), dataset, options, vocabulary, encoder);
    } catch (IllegalArgumentException e) {
      throw misfit(fresh.preset(), dataset, e);
    }
    if (config.head() instanceof ClassifierHead.Perceptron) {
      return PerceptronTrainer.create(context.engine(), config);
    }
    if (model == null) {
      return ClassifierTrainer.create(context.engine(), config, settings, fresh.seed());
    }
    try (Materialised files = context.objects().materialise(model.version().location())) {
      return ClassifierTrainer.onEncoder(
          context.engine(), config, settings, fresh.seed(), files.directory());
    }
  }

  private static ClassifierConfig config(
      Preset preset,
      DatasetEntry dataset,
      ClassificationOptions options,
      int vocabulary,
      @Nullable EncoderConfig encoder)
      throws IOException {
    if (preset.folder() != null) {
      ClassifierConfig own = ClassifierConfigFile.read(preset.folder());
      requireTakes("preset " + preset.name(), own.input(), dataset);
      return ClassifierConfig.of(dataset.content().classes(), own.input(), own.head());
    }
    return ClassifierShape.of(preset).config(dataset.content(), vocabulary, options, encoder);
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
            case TokenEncoder tokens ->
                new ClassificationTraining<>(
                    trainer, new TextFormat(tokens.vocabulary(), classes), options, tokenizer);
          };
    };
  }
}
