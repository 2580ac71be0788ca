package io.millrace.training.task.classification;

import io.millrace.encoder.classify.ClassifierConfig;
import io.millrace.encoder.classify.ClassifierConfigFile;
import io.millrace.encoder.classify.ClassifierHead;
import io.millrace.encoder.classify.ClassifierTrainer;
import io.millrace.encoder.classify.ClassifierTraining;
import io.millrace.encoder.classify.ClassifierTrainingSettings;
import io.millrace.encoder.classify.PerceptronTrainer;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.TextEncoder;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.store.Materialised;
import io.millrace.training.task.BaseModel;
import io.millrace.training.task.FileRefusal;
import io.millrace.training.task.Preset;
import io.millrace.training.task.TaskContext;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The classifier that a preset makes of a dataset, alone or on a published encoder. */
final class FreshClassifier {

  /** Of a tokenizer that has not been read. */
  private static final int SOME_VOCABULARY = 1024;

  private final Preset preset;
  private final DatasetEntry dataset;
  private final ClassificationOptions options;
  private final @Nullable BaseModel model;
  private final @Nullable EncoderConfig encoder;

  private FreshClassifier(
      Preset preset,
      DatasetEntry dataset,
      ClassificationOptions options,
      @Nullable BaseModel model,
      @Nullable EncoderConfig encoder) {
    this.preset = preset;
    this.dataset = dataset;
    this.options = options;
    this.model = model;
    this.encoder = encoder;
  }

  /**
   * Looks up the encoder and checks that all of it goes together.
   *
   * @throws MillraceException INVALID_ARGUMENT, NOT_FOUND or FAILED_PRECONDITION saying what does
   *     not
   */
  static FreshClassifier of(
      Preset preset,
      DatasetEntry dataset,
      ClassificationOptions options,
      PublishedEncoders encoders) {
    BaseModel model = options.encoder().isEmpty() ? null : encoders.require(options.encoder());
    EncoderConfig encoder =
        model == null ? null : new DatasetFit(dataset).requireEncoder(model, options);
    FreshClassifier fresh = new FreshClassifier(preset, dataset, options, model, encoder);
    ClassifierConfig unused = fresh.config(SOME_VOCABULARY);
    return fresh;
  }

  /**
   * Its configuration.
   *
   * @param vocabulary of the dataset's tokenizer; an encoder says itself how many tokens there are
   * @throws MillraceException FAILED_PRECONDITION if sizes do not fit
   */
  private ClassifierConfig config(int vocabulary) {
    int tokens =
        encoder != null && encoder.encoder() instanceof TextEncoder texts
            ? texts.vocabulary()
            : vocabulary;
    try {
      if (preset.folder() != null) {
        ClassifierConfig own = ClassifierConfigFile.read(preset.folder());
        String name = "preset " + preset.name();
        options.requireHead(own.head(), name);
        new DatasetFit(dataset).requireTakes(name, own.input());
        return ClassifierConfig.of(dataset.content().classes(), own.input(), own.head());
      }
      return ClassifierShape.of(preset).config(dataset.content(), tokens, options, encoder);
    } catch (IOException | IllegalArgumentException e) {
      throw FileRefusal.of(
          "preset %s does not fit dataset '%s': %s"
              .formatted(preset.name(), dataset.name(), e.getMessage()),
          e);
    }
  }

  /**
   * A training of it that has not begun.
   *
   * @param tokenizer of texts; empty: there is none
   * @throws IOException if the encoder's files cannot be read
   */
  ClassifierTraining create(
      TaskContext<ClassificationOptions> context,
      ClassifierTrainingSettings settings,
      long seed,
      byte[] tokenizer)
      throws IOException {
    int vocabulary =
        tokenizer.length == 0 ? SOME_VOCABULARY : Tokenizer.read(tokenizer).vocabSize();
    ClassifierConfig config = config(vocabulary);
    if (config.head() instanceof ClassifierHead.Perceptron) {
      return PerceptronTrainer.create(context.engine(), config);
    }
    if (model == null) {
      return ClassifierTrainer.create(context.engine(), config, settings, seed);
    }
    try (Materialised files = context.objects().materialise(model.version().location())) {
      return ClassifierTrainer.onEncoder(
          context.engine(), config, settings, seed, files.directory());
    }
  }
}
