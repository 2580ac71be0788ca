package io.millrace.training.task.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Tasks;
import io.millrace.encoder.classify.ClassifierConfig;
import io.millrace.encoder.classify.ClassifierConfigFile;
import io.millrace.encoder.classify.EncodedInput;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.FreshEncoders;
import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.encode.EncoderModel;
import io.millrace.encoder.encode.Pooling;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.language.tokenize.BpeTrainer;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.checkpoint.Sha256;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.FileObjectStore;
import io.millrace.platform.store.ObjectStore;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.training.TrainingProperties;
import io.millrace.training.task.BaseModel;
import io.millrace.training.task.Start;
import io.millrace.training.task.StepResult;
import io.millrace.training.task.TaskContext;
import io.millrace.training.task.TrainingTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class ClassificationTaskTest {

  private static final List<String> CLASSES = List.of("a", "b", "c");
  private static final DatasetEntry ROWS = dataset(new Content.Rows(List.of("x", "y"), CLASSES));
  private static final DatasetEntry PICTURES = dataset(new Content.Pictures(32, 32, CLASSES));

  private final TensorEngine engine = TensorEngine.start("cpu");
  private @TempDir Path directory;
  private ObjectStore objects;
  private ClassificationTask task;

  @BeforeEach
  void start() throws IOException {
    objects = new FileObjectStore(directory.resolve("objects"));
    TrainingProperties properties =
        new Binder(new MapConfigurationPropertySource(Map.of()))
            .bindOrCreate("", Bindable.of(TrainingProperties.class));
    task = new ClassificationTask(properties, new PublishedEncoders(this::version, objects));
  }

  private static DatasetEntry dataset(Content content) {
    return new DatasetEntry("things", content, 5, Instant.EPOCH);
  }

  private Optional<ModelVersion> version(String model, int version) {
    return switch (model) {
      case "cpc" -> Optional.of(published(model, version, Tasks.REPRESENTATION));
      case "writer" -> Optional.of(published(model, version, Tasks.LANGUAGE));
      case "boxes" -> Optional.of(published(model, version, Tasks.DETECTION));
      default -> Optional.empty();
    };
  }

  private static ModelVersion published(String model, int version, String name) {
    String location = "models/" + model;
    return new ModelVersion(
        model, version, name, "run", 1, 1, location, "", Map.of(), Instant.EPOCH);
  }

  private void publish(String model, Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        objects.putFile(
            "models/" + model + "/" + file.getFileName(), file, ObjectStore.IfPresent.REPLACE);
      }
    }
  }

  private TaskContext<ClassificationOptions> context(
      DatasetEntry dataset, ClassificationOptions options) {
    return new TaskContext<>(engine, dataset, options, objects, /* steps= */ 20);
  }

  @SuppressWarnings("unchecked") // A classifier learns from examples, whatever its records.
  private TrainingTask<?, ExampleBatch> open(
      DatasetEntry dataset, ClassificationOptions options, Start start) throws IOException {
    return (TrainingTask<?, ExampleBatch>) task.open(context(dataset, options), start);
  }

  private Start fresh(String preset) {
    return new Start.Fresh(task.preset(preset), 1);
  }

  private static ExampleBatch rows() {
    float[] values = {0, 0, 1, 0, 5, 5, 6, 5, -5, 5, -6, 5, 0, 0};
    return new ExampleBatch(
        Inputs.Rows.of(values, 2), new long[] {0, 0, 1, 1, 2, 2, ExampleBatch.NONE});
  }

  @Test
  void learnsEvaluatesCalibratesAndSaves() throws IOException {
    Path folder = Files.createDirectories(directory.resolve("saved"));
    try (TrainingTask<?, ExampleBatch> training =
        open(ROWS, ClassificationOptions.STANDARD, fresh("linear"))) {
      StepResult step = training.step(List.of(rows()), 0.1);
      assertThat(step.figures()).containsEntry("labelled", 6.0).containsKey("train_accuracy");
      assertThat(step.loss()).isPositive();
      assertThat(training.items(rows())).isEqualTo(7);
      assertThat(training.batches()).isEqualTo(1);
      for (int i = 0; i < 19; i++) {
        training.step(List.of(rows()), 0.1);
      }
      TrainingTask.Evaluation<ExampleBatch> evaluation = training.evaluate();
      assertThat(evaluation.figures()).isEmpty();
      evaluation.add(rows());
      assertThat(evaluation.figures())
          .containsEntry("accuracy", 1.0)
          .containsEntry("macro_f1", 1.0)
          .containsEntry("heldout_examples", 6.0)
          .containsEntry("f1.c", 1.0)
          .containsKeys("heldout_loss", "ece", "calibrated_ece");
      training.save(folder);
      assertThat(ClassifierConfigFile.read(folder).temperature()).isEqualTo(1);
      evaluation.write(folder);
      // All is right, so that the sharpest probabilities are the best.
      assertThat(ClassifierConfigFile.read(folder).temperature()).isEqualTo(0.125);
      assertThat(folder.resolve("evaluation.json")).exists();
      assertThat(training.figures()).containsEntry("parameters", 9.0);
    }
    try (TrainingTask<?, ExampleBatch> training =
        open(ROWS, ClassificationOptions.STANDARD, new Start.Resumed(folder))) {
      assertThat(training.step(List.of(rows()), 0.1).loss()).isLessThan(0.5);
    }
    try (TrainingTask<?, ExampleBatch> training =
        open(ROWS, ClassificationOptions.STANDARD, new Start.From(folder, 2))) {
      assertThat(training.step(List.of(rows()), 0.1).loss()).isLessThan(0.5);
    }
  }

  @Test
  void aPerceptronLearnsIsResumedAndGoesOn() throws IOException {
    Path folder = Files.createDirectories(directory.resolve("saved"));
    try (TrainingTask<?, ExampleBatch> training =
        open(ROWS, ClassificationOptions.STANDARD, fresh("perceptron"))) {
      for (int i = 0; i < 20; i++) {
        training.step(List.of(rows()), 1);
      }
      assertThat(training.step(List.of(rows()), 1).loss()).isZero();
      training.save(folder);
    }
    for (Start start : List.of(new Start.Resumed(folder), new Start.From(folder, 2))) {
      try (TrainingTask<?, ExampleBatch> training =
          open(ROWS, ClassificationOptions.STANDARD, start)) {
        assertThat(training.step(List.of(rows()), 1).loss()).isZero();
        TrainingTask.Evaluation<ExampleBatch> evaluation = training.evaluate();
        evaluation.add(rows());
        assertThat(evaluation.figures()).containsEntry("accuracy", 1.0);
      }
    }
  }

  @Test
  void leavesProbabilitiesAsTheyComeUnlessToCalibrate() throws IOException {
    ClassificationOptions options =
        new ClassificationOptions(
            1, 0, "", "", "", "", "", "", 0, "", 0.01, /* calibrate= */ false);
    Path folder = Files.createDirectories(directory.resolve("saved"));
    try (TrainingTask<?, ExampleBatch> training = open(ROWS, options, fresh("mlp"))) {
      TrainingTask.Evaluation<ExampleBatch> evaluation = training.evaluate();
      training.save(folder);
      evaluation.write(folder);
      assertThat(folder.resolve("evaluation.json")).doesNotExist();
      evaluation.add(rows());
      evaluation.write(folder);
      assertThat(ClassifierConfigFile.read(folder).temperature()).isEqualTo(1);
    }
  }

  @Test
  void putsAProbeOnAPublishedEncoder() throws IOException {
    Path encoder = Files.createDirectories(directory.resolve("encoder"));
    try (EncoderModel model =
        EncoderModel.create(engine, FreshEncoders.NANO.pictures(32, 32).encoder(), 7)) {
      model.save(encoder);
    }
    publish("cpc", encoder);
    ClassificationOptions options = ClassificationOptionsTest.with("encoder", "cpc@2");
    task.requireSuitable(task.preset("probe"), PICTURES, options);
    Path folder = Files.createDirectories(directory.resolve("saved"));
    try (TrainingTask<?, ExampleBatch> training = open(PICTURES, options, fresh("probe"))) {
      assertThat(training.figures())
          .hasEntrySatisfying("parameters_learned", learned -> assertThat(learned).isEqualTo(195))
          .hasEntrySatisfying("parameters", all -> assertThat(all).isGreaterThan(10_000));
      training.save(folder);
    }
    ClassifierConfig saved = ClassifierConfigFile.read(folder);
    assertThat(((EncodedInput) saved.input()).frozen()).isTrue();
    assertThatThrownBy(() -> task.requireSuitable(task.preset("probe"), ROWS, options))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("holds rows, which model 'cpc@2' does not take");
  }

  @Test
  void putsAProbeOnALanguageModel() throws IOException {
    Tokenizer tokenizer =
        new BpeTrainer(280, (done, of) -> {}).train(List.of("wet clouds", "bright light"));
    byte[] json = tokenizer.toJson();
    objects.put("tokenizers/a/tokenizer.json", json, ObjectStore.IfPresent.REPLACE);
    TokenizerEntry entry =
        new TokenizerEntry("tokenizers/a/tokenizer.json", Sha256.of(json), tokenizer.vocabSize());
    LanguageConfig language =
        LanguageConfig.preset("nano", tokenizer.vocabSize(), tokenizer.endOfDocument());
    Path written = Files.createDirectories(directory.resolve("writer"));
    try (Decoder decoder = Decoder.create(engine, language, 7)) {
      ModelFolder.save(engine, decoder, written);
    }
    Files.write(written.resolve(Tokenizer.FILE), json);
    publish("writer", written);
    ClassificationOptions options = ClassificationOptionsTest.with("encoder", "writer@1");
    DatasetEntry texts = dataset(new Content.Text(64, entry, CLASSES));
    task.requireSuitable(task.preset("probe"), texts, options);
    Path folder = Files.createDirectories(directory.resolve("saved"));
    try (TrainingTask<?, ExampleBatch> training = open(texts, options, fresh("probe"))) {
      assertThat(training.figures())
          .containsEntry("parameters_learned", 3.0 * language.hiddenSize() + 3);
      ExampleBatch batch =
          new ExampleBatch(
              new Inputs.Documents(
                  TokenBatch.of(tokenizer.encode("wet clouds"), tokenizer.encode("bright"))),
              new long[] {0, 1});
      assertThat(training.step(List.of(batch), 0.01).loss()).isPositive();
      training.save(folder);
    }
    assertThat(Files.readAllBytes(folder.resolve(Tokenizer.FILE))).isEqualTo(json);
    assertThat(poolingOf(folder)).isEqualTo(Pooling.ENCODER_MEAN);
    Path last = Files.createDirectories(directory.resolve("last"));
    ClassificationOptions ofLast = ClassificationOptionsTest.pooled("writer@1", "last");
    try (TrainingTask<?, ExampleBatch> training = open(texts, ofLast, fresh("probe"))) {
      training.save(last);
    }
    assertThat(poolingOf(last)).isEqualTo(Pooling.CONTEXT_LAST);
    int longest = language.maxPositionEmbeddings();
    assertRefused(
        dataset(new Content.Text(longest + 1, entry, CLASSES)),
        "probe",
        options,
        "has documents of up to %d tokens, model 'writer@1' reads %d"
            .formatted(longest + 1, longest));
  }

  private static Pooling poolingOf(Path folder) throws IOException {
    return ((EncodedInput) ClassifierConfigFile.read(folder).input()).encoder().pooling();
  }

  @Test
  void refusesToPoolWhatAnEncoderPoolsItself() {
    assertRefused(
        PICTURES,
        "probe",
        ClassificationOptionsTest.pooled("cpc@2", "last"),
        "pooling is for language models; model 'cpc@2' is an encoder that learned with one of its"
            + " own");
  }

  @Test
  void refusesEncodersThatAreNone() {
    assertRefused(
        PICTURES, "probe", ClassificationOptionsTest.with("encoder", "nobody@1"), "nobody@1");
    assertRefused(
        PICTURES,
        "probe",
        ClassificationOptionsTest.with("encoder", "boxes@1"),
        "is of task detection; the encoder of a classifier is of task representation or language");
    assertRefused(
        PICTURES, "finetune", ClassificationOptions.STANDARD, "needs a published encoder");
  }

  @Test
  void refusesDatasetsThatCannotBeToldApart() {
    assertRefused(
        dataset(new Content.Rows(List.of("x"), List.of())),
        "linear",
        ClassificationOptions.STANDARD,
        "dataset 'things' has no classes");
    assertRefused(
        dataset(new Content.Rows(List.of("x"), List.of("a"))),
        "linear",
        ClassificationOptions.STANDARD,
        "has one class");
    assertRefused(
        dataset(new Content.Text(64, null, CLASSES)),
        "bag",
        ClassificationOptions.STANDARD,
        "has no tokenizer");
    assertRefused(
        ROWS,
        "linear",
        ClassificationOptionsTest.with("class_weights", "1,2"),
        "class_weights has 2 numbers");
    assertRefused(
        dataset(new Content.Pictures(30, 32, CLASSES)),
        "nano",
        ClassificationOptions.STANDARD,
        "preset nano does not fit dataset 'things'");
    assertThatThrownBy(() ->
            task.requireSteps(
                10, ClassificationOptionsTest.with("loss", "cross_entropy then soft_f1 at 10")))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("step 10 of 10");
  }

  private void assertRefused(
      DatasetEntry dataset, String preset, ClassificationOptions options, String message) {
    assertThatThrownBy(() -> task.requireSuitable(task.preset(preset), dataset, options))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining(message);
  }

  @Test
  void beginsOnlyFromModelsOfTheSameClassesAndColumns() throws IOException {
    Path folder = Files.createDirectories(directory.resolve("saved"));
    try (TrainingTask<?, ExampleBatch> training =
        open(ROWS, ClassificationOptions.STANDARD, fresh("linear"))) {
      training.save(folder);
    }
    publish("iris", folder);
    BaseModel model = new BaseModel(published("iris", 1, Tasks.CLASSIFICATION), objects);
    task.requireSuitable(model, ROWS, ClassificationOptions.STANDARD);
    assertThatThrownBy(() ->
            task.requireSuitable(
                model,
                dataset(new Content.Rows(List.of("x", "y"), List.of("a", "c", "b"))),
                ClassificationOptions.STANDARD))
        .hasMessageContaining("tells the classes [a, b, c] apart");
    assertThatThrownBy(() ->
            task.requireSuitable(
                model,
                dataset(new Content.Rows(List.of("y", "x"), CLASSES)),
                ClassificationOptions.STANDARD))
        .hasMessageContaining("takes the columns [x, y], dataset 'things' has [y, x]");
    assertThatThrownBy(() -> task.requireSuitable(model, PICTURES, ClassificationOptions.STANDARD))
        .hasMessageContaining("holds images, which model 'iris@1' does not take");
    assertThatThrownBy(
            () -> task.requireSuitable(model, ROWS, ClassificationOptionsTest.with("hidden", "8")))
        .hasMessageContaining(
            "hidden is for a classifier that is made anew; model 'iris@1' is taken as it is");
  }
}
