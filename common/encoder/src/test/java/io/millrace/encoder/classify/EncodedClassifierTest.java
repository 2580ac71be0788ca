package io.millrace.encoder.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.EncoderModel;
import io.millrace.encoder.encode.GruContext;
import io.millrace.encoder.encode.NoContext;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.encoder.encode.SmallEncoders;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.train.TrainingFolder;
import io.millrace.vision.picture.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedClassifierTest {

  private static final List<String> CLASSES = List.of("low", "high");
  private static final ClassifierHead LINEAR = new ClassifierHead.Linear(true);
  private static final int STEPS = 80;

  private final TensorEngine engine = TensorEngine.start("cpu");
  @TempDir Path directory;

  private static ClassifierConfig config(EncoderConfig encoder, boolean frozen) {
    return ClassifierConfig.of(CLASSES, EncodedInput.of(encoder, frozen), LINEAR);
  }

  /** Texts of tokens 0 to 4, or of 6 to 10. */
  private static ExampleBatch texts(long seed) {
    Random random = new Random(seed);
    int[][] texts = new int[12][];
    long[] classes = new long[texts.length];
    for (int i = 0; i < texts.length; i++) {
      classes[i] = i % 2;
      int first = 6 * (i % 2);
      texts[i] = random.ints(3 + random.nextInt(6), first, first + 5).toArray();
    }
    return new ExampleBatch(new Inputs.Documents(TokenBatch.of(texts)), classes);
  }

  /** Dark and bright pictures. */
  private static ExampleBatch pictures(long seed) {
    Random random = new Random(seed);
    long[] classes = {0, 1, 0, 1, 1, 0};
    List<Picture> pictures =
        Arrays.stream(classes)
            .mapToObj(one -> {
              int grey = random.nextInt(100) + (one == 1 ? 150 : 0);
              return Picture.filled(32, 32, grey, grey, grey);
            })
            .toList();
    return new ExampleBatch(new Inputs.Documents(PictureBatch.of(pictures)), classes);
  }

  private static double accuracy(ClassifierTrainer trainer, ExampleBatch batch) {
    float[][] logits = trainer.logits(batch.inputs());
    int right = 0;
    for (int i = 0; i < logits.length; i++) {
      right += (logits[i][1] > logits[i][0] ? 1 : 0) == batch.classes()[i] ? 1 : 0;
    }
    return (double) right / logits.length;
  }

  private static ClassifierTrainingSettings settings() {
    return ClassifierTrainingSettings.standard(STEPS);
  }

  private float[] encoderWeights(Path folder, String name) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(new TrainingFolder(folder).weights());
        NDManager manager = engine.newManager()) {
      return file.load(manager, name).toFloatArray();
    }
  }

  @ParameterizedTest
  @CsvSource({"BAG, true", "BAG, false", "NANO, true", "NANO, false"})
  void learnsTexts(FreshEncoders fresh, boolean frozen) {
    ClassifierConfig config = config(fresh.texts(11).encoder(), frozen);
    try (ClassifierTrainer trainer = ClassifierTrainer.create(engine, config, settings(), 2)) {
      for (int i = 0; i < STEPS; i++) {
        trainer.step(List.of(texts(i)), 0.01);
      }
      assertThat(accuracy(trainer, texts(1000))).isGreaterThan(0.9);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void learnsPictures(boolean frozen) {
    ClassifierConfig config = config(FreshEncoders.NANO.pictures(32, 32).encoder(), frozen);
    try (ClassifierTrainer trainer = ClassifierTrainer.create(engine, config, settings(), 2)) {
      for (int i = 0; i < STEPS; i++) {
        trainer.step(List.of(pictures(i)), 0.01);
      }
      assertThat(accuracy(trainer, pictures(1000))).isEqualTo(1);
    }
  }

  /** The published model predicts too; what only predictions need is left behind. */
  @Test
  void leavesAFrozenEncoderAsItWasPublished() throws IOException {
    Path published = directory.resolve("published");
    Path trained = directory.resolve("trained");
    EncoderConfig encoder = SmallEncoders.tokens(new GruContext(6, 1), 2);
    try (EncoderModel model = EncoderModel.create(engine, encoder, 7)) {
      model.save(published);
    }
    try (ClassifierTrainer trainer =
        ClassifierTrainer.onEncoder(engine, config(encoder, true), settings(), 1, published)) {
      for (int i = 0; i < 3; i++) {
        trainer.step(List.of(texts(i)), 0.05);
      }
      assertThat(trainer.learnedParameters()).isEqualTo(2 * 6 + 2);
      assertThat(trainer.parameters()).isGreaterThan(100);
      trainer.save(trained);
    }
    String embedding = "encoder.embedding.weight";
    String context = "context.weight_hh_l0";
    assertThat(encoderWeights(trained, embedding))
        .containsExactly(encoderWeights(published, embedding));
    assertThat(encoderWeights(trained, context))
        .containsExactly(encoderWeights(published, context));
    try (SafetensorsFile state = SafetensorsFile.open(new TrainingFolder(trained).state())) {
      assertThat(state.tensors().keySet()).noneMatch(name -> name.contains("embedding"));
    }
  }

  @Test
  void movesAnEncoderThatIsNotFrozen() throws IOException {
    Path published = directory.resolve("published");
    Path trained = directory.resolve("trained");
    EncoderConfig encoder = SmallEncoders.tokens(new GruContext(6, 1), 2);
    try (EncoderModel model = EncoderModel.create(engine, encoder, 7)) {
      model.save(published);
    }
    try (ClassifierTrainer trainer =
        ClassifierTrainer.onEncoder(engine, config(encoder, false), settings(), 1, published)) {
      trainer.step(List.of(texts(1)), 0.001);
      trainer.save(trained);
    }
    float[] before = encoderWeights(published, "encoder.embedding.weight");
    float[] after = encoderWeights(trained, "encoder.embedding.weight");
    assertThat(after).isNotEqualTo(before).containsExactly(before, within(0.01f));
  }

  @Test
  void learnsTheSameOfSeveralBatchesAsOfOne() {
    ClassifierConfig config = config(SmallEncoders.tokens(new GruContext(6, 1), 0), false);
    int[][] texts = {{1, 2, 3}, {7, 8, 9, 10}, {4}, {6, 6}};
    ExampleBatch whole =
        new ExampleBatch(new Inputs.Documents(TokenBatch.of(texts)), new long[] {0, 1, 0, 1});
    List<ExampleBatch> parts =
        List.of(
            new ExampleBatch(new Inputs.Documents(TokenBatch.of(texts[0])), new long[] {0}),
            new ExampleBatch(
                new Inputs.Documents(TokenBatch.of(texts[1], texts[2], texts[3])),
                new long[] {1, 0, 1}));
    try (ClassifierTrainer one = ClassifierTrainer.create(engine, config, settings(), 2);
        ClassifierTrainer several = ClassifierTrainer.create(engine, config, settings(), 2)) {
      for (int i = 0; i < 3; i++) {
        assertThat(several.step(parts, 0.01).gradientNorm())
            .isEqualTo(one.step(List.of(whole), 0.01).gradientNorm(), within(1e-4));
      }
    }
  }

  @Test
  void resumesAFrozenEncoderBitForBit() throws IOException {
    ClassifierConfig config = config(SmallEncoders.pictures(new NoContext(), 0), true);
    Path half = directory.resolve("half");
    Path whole = directory.resolve("whole");
    Path resumed = directory.resolve("resumed");
    try (ClassifierTrainer trainer = ClassifierTrainer.create(engine, config, settings(), 2)) {
      trainer.step(List.of(pictures(0)), 0.01);
      trainer.save(half);
      trainer.step(List.of(pictures(1)), 0.01);
      trainer.save(whole);
    }
    try (ClassifierTrainer trainer = ClassifierTrainer.restore(engine, half, settings())) {
      trainer.step(List.of(pictures(1)), 0.01);
      trainer.save(resumed);
    }
    for (String file : List.of("config.json", "model.safetensors", "optimizer.safetensors")) {
      assertThat(resumed.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
    }
    assertThat(ClassifierConfigFile.read(resumed)).isEqualTo(config);
  }

  @Test
  void refusesWhatDoesNotFit() throws IOException {
    EncoderConfig tokens = SmallEncoders.tokens(new NoContext(), 1);
    assertThatThrownBy(() -> new EncodedInput(tokens, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 steps ahead");
    EncodedInput input = EncodedInput.of(tokens, true);
    assertThatThrownBy(() -> input.requireFits(Inputs.Rows.of(new float[2], 2)))
        .hasMessage("this model takes texts or pictures, not rows");
    assertThatThrownBy(() -> input.requireFits(pictures(1).inputs()))
        .hasMessageContaining("takes texts");
    assertThatThrownBy(() -> new RowInput(List.of("a")).requireFits(texts(1).inputs()))
        .hasMessage("this model takes rows, not texts");
    Path other = directory.resolve("other");
    Files.createDirectories(other);
    try (EncoderModel model =
        EncoderModel.create(engine, SmallEncoders.pictures(new NoContext(), 0), 7)) {
      model.save(other);
    }
    assertThatThrownBy(
            () -> ClassifierTrainer.onEncoder(engine, config(tokens, true), settings(), 1, other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("encoder.embedding.weight");
    assertThatThrownBy(() ->
            ClassifierTrainer.onEncoder(
                engine, config(tokens, true), settings(), 1, directory.resolve("none")))
        .isInstanceOf(IOException.class);
  }
}
