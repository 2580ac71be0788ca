package io.millrace.encoder.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.encoder.encode.DecoderContext;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.EncoderModel;
import io.millrace.encoder.encode.GruContext;
import io.millrace.encoder.encode.LanguageEncoder;
import io.millrace.encoder.encode.NoContext;
import io.millrace.encoder.encode.Pooling;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.generate.StatePooling;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.network.LayerStyle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A published language model as the encoder of a classifier. */
class LanguageClassifierTest {

  private static final TensorEngine ENGINE = TensorEngine.start("cpu");
  private static final int[][] TEXTS = {{3, 1, 4, 1, 5}, {9, 2, 6}, {5}, {3, 5, 8, 9, 7, 9, 3}};

  /** Two layers, the second with experts, and an MTP module that nothing here needs. */
  private final LanguageConfig language = language(Activation.SILU);

  @TempDir private Path published;

  private static LanguageConfig language(Activation activation) {
    return new LanguageConfig(
        32,
        16,
        24,
        8,
        2,
        2,
        null,
        8,
        8,
        4,
        8,
        4,
        1,
        2,
        1,
        1,
        true,
        1.5,
        1,
        1,
        24,
        1e-6,
        10_000,
        0.3,
        false,
        1,
        null,
        activation,
        false,
        false,
        false);
  }

  @BeforeEach
  void publish() throws IOException {
    try (Decoder decoder = Decoder.create(ENGINE, language, 7)) {
      ModelFolder.save(ENGINE, decoder, published);
    }
  }

  private ClassifierConfig config(Pooling pooling, boolean frozen) {
    return ClassifierConfig.of(
        List.of("a", "b"),
        new EncodedInput(EncoderConfig.ofLanguageModel(language, pooling), frozen),
        new ClassifierHead.Linear(true));
  }

  /** The language model's own vectors are computed by the kernels of another network. */
  @ParameterizedTest
  @EnumSource(StatePooling.class)
  void itsVectorsAreThoseOfTheLanguageModel(StatePooling pooling, @TempDir Path folder)
      throws IOException {
    Pooling same = pooling == StatePooling.MEAN ? Pooling.ENCODER_MEAN : Pooling.CONTEXT_LAST;
    try (ClassifierNetwork network = ClassifierNetwork.create(ENGINE, config(same, true), 1);
        LanguageModel model = LanguageModel.load(ENGINE, published)) {
      network.loadEncoder(published);
      List<float[]> wanted = model.vectors(List.of(TEXTS), pooling);
      try (var scratch = ENGINE.newManager()) {
        TokenBatch batch = TokenBatch.of(TEXTS);
        float[] found =
            network
                .kernels()
                .run(scratch, "features", network.network(), batch.values(scratch), batch.starts())
                .singletonOrThrow()
                .toFloatArray();
        for (int i = 0; i < TEXTS.length; i++) {
          for (int at = 0; at < language.hiddenSize(); at++) {
            assertThat(found[i * language.hiddenSize() + at])
                .isCloseTo(wanted.get(i)[at], within(1e-6f));
          }
        }
      }
    }
  }

  private static ExampleBatch batch(long seed) {
    Random random = new Random(seed);
    List<int[]> texts = new ArrayList<>();
    long[] classes = new long[24];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = random.nextInt(2);
      int from = 2 + 15 * (int) classes[i];
      texts.add(random.ints(3 + random.nextInt(5), from, from + 3).toArray());
    }
    return new ExampleBatch(
        new Inputs.Documents(TokenBatch.of(texts.toArray(int[][]::new))), classes);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void learnsOnALanguageModelAndServesWhatItLearned(boolean frozen, @TempDir Path folder)
      throws IOException {
    ClassifierConfig config = config(Pooling.ENCODER_MEAN, frozen);
    ClassifierTrainingSettings settings = ClassifierTrainingSettings.standard(60);
    ExampleBatch unseen = batch(1000);
    float[][] learned;
    try (ClassifierTrainer trainer =
        ClassifierTrainer.onEncoder(ENGINE, config, settings, 3, published)) {
      for (int step = 0; step < 60; step++) {
        trainer.step(List.of(batch(step)), frozen ? 0.05 : 0.01);
      }
      learned = trainer.logits(unseen.inputs());
      // The biases by which experts are selected are not learned by gradient.
      assertThat(trainer.learnedParameters())
          .isEqualTo(frozen ? 2 * 16 + 2 : trainer.parameters() - language.nRoutedExperts());
      trainer.save(folder);
    }
    try (Classifier classifier = Classifier.load(ENGINE, folder)) {
      assertThat(classifier.config()).isEqualTo(config);
      double[][] served = classifier.classify(unseen.inputs());
      int right = 0;
      for (int i = 0; i < served.length; i++) {
        assertThat(served[i]).containsExactly(Softmax.of(learned[i], 1), within(1e-6));
        right += served[i][(int) unseen.classes()[i]] > 0.5 ? 1 : 0;
      }
      assertThat(right).isGreaterThanOrEqualTo(22);
    }
  }

  @Test
  void resumesWithALanguageModelBitForBit(@TempDir Path folder) throws IOException {
    ClassifierConfig config = config(Pooling.CONTEXT_LAST, /* frozen= */ false);
    ClassifierTrainingSettings settings = ClassifierTrainingSettings.standard(8);
    try (ClassifierTrainer trainer =
        ClassifierTrainer.onEncoder(ENGINE, config, settings, 3, published)) {
      trainer.step(List.of(batch(0)), 0.01);
      trainer.save(folder);
      try (ClassifierTrainer resumed = ClassifierTrainer.restore(ENGINE, folder, settings)) {
        trainer.step(List.of(batch(1)), 0.01);
        resumed.step(List.of(batch(1)), 0.01);
        assertThat(resumed.logits(batch(2).inputs()))
            .isDeepEqualTo(trainer.logits(batch(2).inputs()));
      }
    }
  }

  @Test
  void saysWhatDoesNotFit(@TempDir Path other) throws IOException {
    EncodedInput input = (EncodedInput) config(Pooling.ENCODER_MEAN, true).input();
    assertThatThrownBy(() -> input.requireFits(new Inputs.Documents(TokenBatch.of(new int[25]))))
        .hasMessage("a text has 25 tokens, the context of the model 24");
    assertThatThrownBy(() -> input.requireFits(new Inputs.Documents(TokenBatch.of(new int[] {32}))))
        .hasMessage("token 32 is not in the vocabulary of 32");
    LayerStyle style = LayerStyle.groups(1);
    LanguageEncoder encoder = new LanguageEncoder(language);
    assertThatThrownBy(
            () -> new EncoderConfig(style, encoder, new GruContext(4, 1), Pooling.CONTEXT_LAST, 0))
        .hasMessageContaining("use context none and 0 steps");
    assertThatThrownBy(
            () -> new EncoderConfig(style, encoder, new NoContext(), Pooling.ENCODER_MEAN, 2))
        .hasMessageContaining("use context none and 0 steps");
    try (Decoder decoder = Decoder.create(ENGINE, language.withVocabulary(33, 1), 7)) {
      ModelFolder.save(ENGINE, decoder, other);
    }
    try (ClassifierNetwork network =
        ClassifierNetwork.create(ENGINE, config(Pooling.ENCODER_MEAN, true), 1)) {
      assertThatThrownBy(() -> network.loadEncoder(other))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("model.embed_tokens.weight has shape (33, 16), expected (32, 16)");
    }
  }

  @Test
  void saysWhatIsWrongWithTheLanguageModelInAConfiguration(@TempDir Path folder)
      throws IOException {
    EncoderConfig config = EncoderConfig.ofLanguageModel(language, Pooling.ENCODER_MEAN);
    try (EncoderModel model = EncoderModel.create(ENGINE, config, 1)) {
      model.save(folder);
    }
    Path file = folder.resolve("config.json");
    Files.writeString(file, Files.readString(file).replace("\"sigmoid\"", "\"softmax\""));
    assertThatThrownBy(() -> EncoderModel.load(ENGINE, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("scoring_func is \"softmax\"; only \"sigmoid\" is supported");
  }

  @Test
  void gatesMayHaveAnotherActivationThanLayers() {
    EncoderConfig config =
        EncoderConfig.ofLanguageModel(language(Activation.MISH), Pooling.ENCODER_MEAN);
    try (EncoderModel model = EncoderModel.create(ENGINE, config, 1)) {
      assertThat(model.encode(TokenBatch.of(TEXTS))).hasSize(TEXTS.length);
    }
    assertThat(new DecoderContext(1, 1, 2, 2, 2, 2).kernels()).isNotEmpty();
  }
}
