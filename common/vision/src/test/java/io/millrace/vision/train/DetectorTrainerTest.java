package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.augment.AnchorSampling;
import io.millrace.vision.augment.ContextCrop;
import io.millrace.vision.augment.CopyPaste;
import io.millrace.vision.augment.Mosaic;
import io.millrace.vision.augment.Oversampling;
import io.millrace.vision.augment.RandomScale;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.Detector;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.SmallDetectors;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.scene.SceneRenderer;
import io.millrace.vision.view.Pyramid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DetectorTrainerTest {

  private static final DetectorConfig CONFIG =
      SmallDetectors.centerNet(
          SceneRenderer.classes(), 96, 96, List.of(8, 16, 24), List.of(1, 1), 16, 16, 8);
  private static final DetectorTrainingSettings SETTINGS = DetectorTrainingSettings.standard();

  private final TensorEngine engine = TensorEngine.start("cpu");

  private static SampleBatch batch(long first, int size) {
    return SceneBatches.of(96, first, size);
  }

  @Test
  void learnsScenesByHeart() {
    DetectorTrainingSettings plain = SETTINGS.withAugmentation(AugmentationSettings.none());
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, plain, 1)) {
      SampleBatch batch = batch(0, 4);
      double before = trainer.evaluate(batch).total();
      assertThat(trainer.step(batch, 2e-3).loss()).isEqualTo(before);
      for (int i = 0; i < 250; i++) {
        trainer.step(batch, 4e-3);
      }
      assertThat(trainer.evaluate(batch).total()).isLessThan(before / 10);
      SceneBatches.requireFound(trainer, batch, 0.4);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5})
  void goesOnBitForBit(double emaDecay, @TempDir Path directory) throws IOException {
    DetectorTrainingSettings settings = SETTINGS.withEma(emaDecay);
    Path whole = directory.resolve("whole");
    Path half = directory.resolve("half");
    Path resumed = directory.resolve("resumed");
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, settings, 7)) {
      for (int i = 0; i < 6; i++) {
        if (i == 3) {
          trainer.save(half);
        }
        trainer.step(batch(4 * i, 4), 1e-3);
      }
      trainer.save(whole);
    }
    try (DetectorTrainer trainer = DetectorTrainer.restore(engine, half, settings)) {
      assertThat(trainer.steps()).isEqualTo(3);
      for (int i = 3; i < 6; i++) {
        trainer.step(batch(4 * i, 4), 1e-3);
      }
      trainer.save(resumed);
    }
    List<String> files =
        new ArrayList<>(List.of("config.json", "model.safetensors", "optimizer.safetensors"));
    if (emaDecay > 0) {
      files.add("raw.safetensors");
    }
    assertThat(resumed.toFile().list()).containsExactlyInAnyOrderElementsOf(files);
    for (String file : files) {
      assertThat(resumed.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
      if (!file.equals("config.json")) {
        assertThat(Files.mismatch(half.resolve(file), whole.resolve(file))).isNotNegative();
      }
    }
  }

  /** Losses stay finite with one picture overcrowded and another empty. */
  @Test
  void learnsFromThousandsOfBoxesAndFromNone() {
    List<LabelledBox> many = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      many.add(
          new LabelledBox(
              new Box(i % 90, i / 45, 1 + i % 6, 1 + i % 5), i % 2, /* crowd= */ i % 50 == 0));
    }
    Picture picture = new SceneRenderer(96, 96, 5).render(0).picture();
    SampleBatch extremes = SampleBatch.of(List.of(picture, picture), List.of(many, List.of()));
    SampleBatch nothing = SampleBatch.of(List.of(picture), List.of(List.of()));
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      assertThat(trainer.step(extremes, 1e-3).loss()).isFinite().isPositive();
      DetectorStep step = trainer.step(nothing, 1e-3);
      assertThat(step.loss()).isFinite();
      assertThat(step.objects()).isZero();
    }
  }

  /** Every change on, and learned from: resuming gives the same bits, other changes other ones. */
  @Test
  void resumesExactlyWithChangedBatches(@TempDir Path directory) throws IOException {
    Pyramid scales = Pyramid.parse("2:0-30,1,0.5:10-");
    DetectorTrainingSettings changing =
        SETTINGS.withBatchChanges(
            List.of(
                new Oversampling(3, 32),
                new CopyPaste(2, 32),
                new Mosaic(0.5, 0.4),
                new AnchorSampling(0.3, 0.4),
                new ContextCrop(0.3, 2, 0.4),
                new RandomScale(scales, 0.4)));
    List<Double> whole = new ArrayList<>();
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, changing, 7)) {
      for (int i = 0; i < 4; i++) {
        if (i == 2) {
          trainer.save(directory);
        }
        whole.add(trainer.step(batch(4 * i, 4), 1e-3).loss());
      }
    }
    List<Double> resumed = new ArrayList<>();
    try (DetectorTrainer trainer = DetectorTrainer.restore(engine, directory, changing)) {
      for (int i = 2; i < 4; i++) {
        resumed.add(trainer.step(batch(4 * i, 4), 1e-3).loss());
      }
    }
    assertThat(resumed).isEqualTo(whole.subList(2, 4));
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      assertThat(trainer.step(batch(0, 4), 1e-3).loss()).isNotEqualTo(whole.getFirst());
    }
  }

  /** Pictures of batches are augmented and counted as those of one batch are. */
  @Test
  void batchesOfAStepAreOneBatch() {
    try (DetectorTrainer one = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7);
        DetectorTrainer three = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      for (int step = 0; step < 3; step++) {
        DetectorStep whole = one.step(batch(6 * step, 6), 1e-3);
        DetectorStep parts =
            three.step(
                List.of(batch(6 * step, 2), batch(6 * step + 2, 3), batch(6 * step + 5, 1)), 1e-3);
        assertThat(parts.images()).isEqualTo(whole.images()).isEqualTo(6);
        assertThat(parts.objects()).isEqualTo(whole.objects()).isPositive();
        assertThat(parts.loss()).isCloseTo(whole.loss(), withinPercentage(0.01));
        assertThat(part(parts, "heat_loss"))
            .isCloseTo(part(whole, "heat_loss"), withinPercentage(0.01));
        assertThat(part(parts, "offset_loss"))
            .isCloseTo(part(whole, "offset_loss"), withinPercentage(0.01));
        assertThat(part(parts, "size_loss"))
            .isCloseTo(part(whole, "size_loss"), withinPercentage(0.01));
        assertThat(parts.gradientNorm()).isCloseTo(whole.gradientNorm(), withinPercentage(0.1));
      }
    }
  }

  /** Each thread learns from a part of the batch; five pictures do not split evenly. */
  @Test
  void threadsTogetherLearnAsOneDoes() {
    List<DetectorStep> steps = new ArrayList<>();
    List<Double> evaluated = new ArrayList<>();
    int before = TensorEngine.threads();
    for (int threads : new int[] {1, 2, 3}) {
      TensorEngine.enterThread(threads);
      try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 3)) {
        steps.add(trainer.step(List.of(batch(0, 5), batch(5, 1)), 1e-3));
        evaluated.add(trainer.evaluate(batch(6, 5)).total());
      } finally {
        TensorEngine.enterThread(before);
      }
    }
    for (int i = 1; i < steps.size(); i++) {
      DetectorStep one = steps.getFirst();
      DetectorStep several = steps.get(i);
      assertThat(several.images()).isEqualTo(6);
      assertThat(several.objects()).isEqualTo(one.objects());
      assertThat(several.loss()).isCloseTo(one.loss(), withinPercentage(0.001));
      assertThat(several.gradientNorm()).isCloseTo(one.gradientNorm(), withinPercentage(0.01));
      assertThat(evaluated.get(i)).isCloseTo(evaluated.getFirst(), withinPercentage(0.1));
    }
  }

  @Test
  void evaluatesDetectsAndPublishesTheAverage(@TempDir Path directory) throws IOException {
    try (DetectorTrainer plain = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7);
        DetectorTrainer averaging =
            DetectorTrainer.create(engine, CONFIG, SETTINGS.withEma(0.9), 7)) {
      for (int step = 0; step < 4; step++) {
        assertThat(averaging.step(batch(2 * step, 2), 1e-2))
            .isEqualTo(plain.step(batch(2 * step, 2), 1e-2));
      }
      averaging.save(directory);
      SampleBatch unseen = batch(90, 2);
      assertThat(averaging.evaluate(unseen)).isNotEqualTo(plain.evaluate(unseen));
      try (DetectorTrainer published = DetectorTrainer.from(engine, directory, SETTINGS, 7)) {
        assertThat(published.steps()).isZero();
        assertThat(published.evaluate(unseen)).isEqualTo(averaging.evaluate(unseen));
        assertThat(published.detect(unseen, 0, 5)).isEqualTo(averaging.detect(unseen, 0, 5));
      }
    }
    assertThatThrownBy(() -> DetectorTrainer.restore(engine, directory, SETTINGS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has a raw.safetensors: its training kept an average");
  }

  @Test
  void refusesAStateThatIsNotItsOwn(@TempDir Path directory) throws IOException {
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      trainer.save(directory);
    }
    Path state = directory.resolve("optimizer.safetensors");
    Files.copy(directory.resolve("model.safetensors"), state, StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> DetectorTrainer.restore(engine, directory, SETTINGS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("optimizer.safetensors is not the state");
    Files.writeString(state, "no tensors");
    assertThatThrownBy(() -> DetectorTrainer.restore(engine, directory, SETTINGS))
        .hasMessageContaining("optimizer.safetensors");
    Files.delete(state);
    assertThatThrownBy(() -> DetectorTrainer.restore(engine, directory, SETTINGS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("optimizer.safetensors");
  }

  @Test
  void whatWasSavedDetectsAsTheTrainerDoes(@TempDir Path directory) throws IOException {
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      SampleBatch batch = batch(0, 2);
      trainer.step(batch, 1e-3);
      trainer.save(directory);
      List<List<Detection>> expected = trainer.detect(batch, 0, 5);
      Picture picture = new SceneRenderer(96, 96, 5).render(0).picture();
      try (Detector detector = Detector.load(engine, directory)) {
        List<Detection> found = detector.detect(picture, 0, 5);
        assertThat(found.getFirst().score()).isEqualTo(expected.getFirst().getFirst().score());
        Box expectedBox = expected.getFirst().getFirst().box().clip(96, 96);
        assertThat(found.getFirst().box().x()).isCloseTo(expectedBox.x(), within(1e-4));
        assertThat(found.getFirst().box().right()).isCloseTo(expectedBox.right(), within(1e-4));
      }
    }
  }

  @Test
  void learnsFromPicturesWithoutObjects() {
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 1)) {
      SampleBatch empty =
          SampleBatch.of(List.of(Picture.filled(96, 96, 9, 200, 30)), List.of(List.of()));
      DetectorStep first = trainer.step(empty, 1e-3);
      assertThat(first.objects()).isZero();
      assertThat(part(first, "size_loss")).isZero();
      for (int i = 0; i < 20; i++) {
        trainer.step(empty, 1e-3);
      }
      assertThat(trainer.evaluate(empty).parts().get("heat_loss"))
          .isPositive()
          .isLessThan(part(first, "heat_loss"));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 1)) {
      Picture picture = Picture.filled(96, 96, 0, 0, 0);
      assertThatThrownBy(() ->
              trainer.step(
                  SampleBatch.of(List.of(Picture.filled(32, 64, 0, 0, 0)), List.of(List.of())),
                  1e-3))
          .hasMessageContaining("32 x 64")
          .hasMessageContaining("takes 96 x 96");
      LabelledBox unknown = new LabelledBox(new Box(1, 1, 8, 8), 6, false);
      assertThatThrownBy(
              () -> trainer.evaluate(SampleBatch.of(List.of(picture), List.of(List.of(unknown)))))
          .hasMessageContaining("class 6");
      LabelledBox outside = new LabelledBox(new Box(120, 1, 8, 8), 0, false);
      assertThatThrownBy(
              () -> trainer.evaluate(SampleBatch.of(List.of(picture), List.of(List.of(outside)))))
          .hasMessageContaining("outside");
      assertThatThrownBy(() -> SampleBatch.of(List.of(picture), List.of(List.of(), List.of())))
          .hasMessageContaining("1 pictures with 2 lists");
    }
  }

  private static double part(DetectorStep step, String name) {
    return Objects.requireNonNull(step.losses().parts().get(name));
  }
}
