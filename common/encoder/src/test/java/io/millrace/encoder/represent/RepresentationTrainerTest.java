package io.millrace.encoder.represent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.EncoderModel;
import io.millrace.encoder.encode.GruContext;
import io.millrace.encoder.encode.NoContext;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.encoder.encode.Pooling;
import io.millrace.encoder.encode.SmallEncoders;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.encoder.encode.TokenEncoder;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.picture.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of small encoders. */
class RepresentationTrainerTest {

  private static final TensorEngine ENGINE = TensorEngine.start("cpu");
  private static final RepresentationSettings STANDARD = RepresentationSettings.standard();

  /**
   * Of the states of a chain that stays where it is or goes to any other state, all alike likely.
   */
  private static final int STATES = 8;

  private static final double STAYS = 0.75;

  @Test
  void beginsAsAGuessAmongAllCandidates() {
    for (EncoderConfig config :
        List.of(
            SmallEncoders.tokens(new GruContext(5, 1), 3),
            SmallEncoders.pictures(new GruContext(5, 1), 2))) {
      EncoderBatch batch =
          config.encoder() instanceof TokenEncoder ? chains(1, 6, 20) : pictures(1, 4);
      try (RepresentationTrainer trainer =
          RepresentationTrainer.create(ENGINE, config, STANDARD, 1)) {
        PredictionSums sums = trainer.evaluate(batch);
        for (int k = 0; k < sums.steps(); k++) {
          assertThat(sums.loss().get(k)).isCloseTo(sums.ceiling().get(k), within(0.1));
        }
      }
    }
  }

  @Test
  void theBoundComesNearTheMutualInformationOfAMarkovChain() {
    EncoderConfig config =
        new EncoderConfig(
            SmallEncoders.SMOOTH,
            new TokenEncoder(STATES, 8, List.of(), List.of(), List.of()),
            new NoContext(),
            Pooling.ENCODER_MEAN,
            3);
    RepresentationSettings settings = STANDARD.with(new Objective(Negatives.MIXED, 100, 0));
    try (RepresentationTrainer trainer =
        RepresentationTrainer.create(ENGINE, config, settings, 1)) {
      for (int step = 0; step < 250; step++) {
        trainer.step(List.of(chains(step, 4, 100)), 0.02);
      }
      PredictionSums sums = trainer.evaluate(chains(1000, 40, 100));
      for (int k = 1; k <= 3; k++) {
        double bound = sums.bound().get(k - 1);
        assertThat(bound)
            .as("of step %d", k)
            .isBetween(information(k) - 0.06, information(k) + 0.03)
            .isLessThan(Math.log(101));
        assertThat(sums.ceiling().get(k - 1)).isCloseTo(Math.log(101), within(1e-5));
      }
    }
  }

  /** I(x_t; x_t+k) in nats. */
  private static double information(int k) {
    double other = (1 - STAYS) / (STATES - 1);
    double same = 1.0 / STATES + (1 - 1.0 / STATES) * Math.pow(STAYS - other, k);
    double different = (1 - same) / (STATES - 1);
    return Math.log(STATES) + same * Math.log(same) + (1 - same) * Math.log(different);
  }

  @Test
  void learnsWhereAPictureGoesOn() {
    EncoderConfig config = SmallEncoders.pictures(new GruContext(8, 1), 2);
    RepresentationSettings settings = STANDARD.with(new PictureChanges(0.5, 0, 1, 0.1));
    try (RepresentationTrainer trainer =
        RepresentationTrainer.create(ENGINE, config, settings, 1)) {
      PictureBatch heldout = pictures(5000, 8);
      double before = trainer.evaluate(heldout).meanLoss();
      for (int step = 0; step < 60; step++) {
        trainer.step(List.of(pictures(step, 8)), 0.01);
      }
      PredictionSums after = trainer.evaluate(heldout);
      assertThat(after.meanLoss()).isLessThan(before - 0.3);
      assertThat(after.accuracy().getFirst()).isGreaterThan(2.0 / (8 * 9));
    }
  }

  @Test
  void resumesBitForBit(@TempDir Path folder) throws IOException {
    EncoderConfig config = SmallEncoders.pictures(new GruContext(5, 1), 2);
    RepresentationSettings settings =
        STANDARD
            .with(new PictureChanges(0.5, 0.5, 2, 0.3))
            .with(new Objective(Negatives.MIXED, 6, 0))
            .withEma(0.9);
    Path straight = folder.resolve("straight");
    try (RepresentationTrainer trainer =
        RepresentationTrainer.create(ENGINE, config, settings, 3)) {
      learn(trainer, 0, 4);
      trainer.save(straight);
    }
    Path begun = folder.resolve("begun");
    try (RepresentationTrainer trainer =
        RepresentationTrainer.create(ENGINE, config, settings, 3)) {
      learn(trainer, 0, 2);
      trainer.save(begun);
    }
    Path resumed = folder.resolve("resumed");
    try (RepresentationTrainer trainer = RepresentationTrainer.restore(ENGINE, begun, settings)) {
      assertThat(trainer.steps()).isEqualTo(2);
      learn(trainer, 2, 4);
      trainer.save(resumed);
    }
    for (String file :
        List.of("config.json", "model.safetensors", "raw.safetensors", "optimizer.safetensors")) {
      assertThat(resumed.resolve(file)).hasSameBinaryContentAs(straight.resolve(file));
    }
    try (EncoderModel model = EncoderModel.load(ENGINE, resumed);
        RepresentationTrainer trainer = RepresentationTrainer.restore(ENGINE, resumed, settings)) {
      float[] served = model.encode(pictures(9, 1)).getFirst();
      assertThat(trainer.encode(pictures(9, 1))).containsExactly(served);
    }
  }

  private static void learn(RepresentationTrainer trainer, int from, int to) {
    for (int step = from; step < to; step++) {
      RepresentationStep seen =
          trainer.step(List.of(pictures(2 * step, 3), pictures(2 * step + 1, 2)), 0.01);
      assertThat(seen.documents()).isEqualTo(5);
      assertThat(seen.gradientNorm()).isPositive();
    }
  }

  /** With negatives of the document itself a batch's other documents mean nothing. */
  @Test
  void batchesOfAStepAreAsOneThatHoldsAllOfThem() {
    EncoderConfig config = SmallEncoders.tokens(new GruContext(5, 1), 3);
    RepresentationSettings settings = STANDARD.with(new Objective(Negatives.SAME, 0, 0));
    int[][] texts = {{1, 2, 3, 4, 5, 6, 7}, {3, 3, 0}, {1, 0, 9, 8, 0, 2, 4, 4, 4, 1, 2}};
    try (RepresentationTrainer once = RepresentationTrainer.create(ENGINE, config, settings, 1);
        RepresentationTrainer often = RepresentationTrainer.create(ENGINE, config, settings, 1)) {
      RepresentationStep together = once.step(List.of(TokenBatch.of(texts)), 0.01);
      RepresentationStep apart =
          often.step(List.of(TokenBatch.of(texts[0], texts[1]), TokenBatch.of(texts[2])), 0.01);
      assertThat(apart.loss()).isCloseTo(together.loss(), within(1e-6));
      assertThat(apart.gradientNorm()).isCloseTo(together.gradientNorm(), within(1e-6));
      assertThat(apart.predictions().pairs()).isEqualTo(together.predictions().pairs());
      EncoderBatch batch = TokenBatch.of(texts);
      assertThat(often.encode(batch)).containsExactly(once.encode(batch), within(1e-4f));
    }
  }

  @Test
  void figuresEndWhereNoDocumentIsAsLong() {
    EncoderConfig config = SmallEncoders.tokens(new GruContext(5, 1), 3);
    try (RepresentationTrainer trainer =
        RepresentationTrainer.create(ENGINE, config, STANDARD, 1)) {
      // Five tokens are three places: one step ahead and two.
      RepresentationStep step =
          trainer.step(List.of(TokenBatch.of(new int[] {1, 2, 3, 4, 5}, new int[] {7})), 0.01);
      assertThat(step.predictions().loss()).hasSize(2);
      assertThat(step.predictions().pairs()).containsExactly(2, 1, 0);
      assertThat(step.loss()).isFinite();
    }
  }

  @Test
  void refusesWhatCannotBeLearned(@TempDir Path folder) throws IOException {
    EncoderConfig config = SmallEncoders.tokens(new GruContext(5, 1), 3);
    try (RepresentationTrainer trainer =
        RepresentationTrainer.create(
            ENGINE, config, STANDARD.with(new Objective(Negatives.OTHER, 4, 0)), 1)) {
      assertThatThrownBy(
              () -> trainer.step(List.of(TokenBatch.of(new int[] {1, 2, 3, 4, 5})), 0.01))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("one document has no negatives of other documents");
      assertThatThrownBy(
              () -> trainer.step(List.of(TokenBatch.of(new int[] {1, 2}, new int[] {3})), 0.01))
          .hasMessageContaining("nothing to predict");
    }
    assertThatThrownBy(() -> RepresentationTrainer.create(ENGINE, config.withSteps(0), STANDARD, 1))
        .hasMessageContaining("0 steps predicts nothing");
    RepresentationSettings flips = STANDARD.with(new PictureChanges(0.5, 0, 0, 0));
    assertThatThrownBy(() -> RepresentationTrainer.create(ENGINE, config, flips, 1))
        .hasMessageContaining("takes texts");
    RepresentationSettings blank = STANDARD.with(new PictureChanges(0, 0, 16, 0));
    assertThatThrownBy(() ->
            RepresentationTrainer.create(
                ENGINE, SmallEncoders.pictures(new NoContext(), 1), blank, 1))
        .hasMessageContaining("show nothing");
    try (EncoderModel model = EncoderModel.create(ENGINE, config.withSteps(0), 1)) {
      model.save(folder);
    }
    assertThatThrownBy(() -> RepresentationTrainer.from(ENGINE, folder, STANDARD, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("predicts nothing");
    Files.delete(folder.resolve("config.json"));
    assertThatThrownBy(() -> RepresentationTrainer.from(ENGINE, folder, STANDARD, 1))
        .isInstanceOf(IOException.class);
  }

  private static TokenBatch chains(long seed, int count, int length) {
    Random random = new Random(seed);
    return TokenBatch.of(
        IntStream.range(0, count)
            .mapToObj(i -> {
              int[] chain = new int[length];
              chain[0] = random.nextInt(STATES);
              for (int t = 1; t < length; t++) {
                chain[t] =
                    random.nextDouble() < STAYS
                        ? chain[t - 1]
                        : (chain[t - 1] + 1 + random.nextInt(STATES - 1)) % STATES;
              }
              return chain;
            })
            .toArray(int[][]::new));
  }

  /** Pictures of one colour with some noise. */
  private static PictureBatch pictures(long seed, int count) {
    Random random = new Random(seed);
    return PictureBatch.of(
        IntStream.range(0, count)
            .mapToObj(i -> {
              int[] colour = random.ints(3, 30, 226).toArray();
              byte[] rgb = new byte[3 * 32 * 32];
              for (int at = 0; at < rgb.length; at++) {
                rgb[at] = (byte) (colour[at % 3] + random.nextInt(20));
              }
              return new Picture(32, 32, rgb);
            })
            .toList());
  }
}
