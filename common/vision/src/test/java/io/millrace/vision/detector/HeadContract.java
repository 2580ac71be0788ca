package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.ResidualBackbone;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.train.AugmentationSettings;
import io.millrace.vision.train.DetectorStep;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import io.millrace.vision.train.Precision;
import io.millrace.vision.train.SampleBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every head. */
abstract class HeadContract {

  private static final int SIDE = 32;
  private static final int SCENE = 64;

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Random random = new Random(4);

  /** Maps of the backbone have strides 4 and 8. */
  abstract Neck neck();

  /** For these maps, on pictures with objects of 8 to 40 pixels. */
  abstract Head head();

  /** A head whose loss has the gradient that it is learned by. */
  Head differentiable() {
    return head();
  }

  private DetectorConfig config(
      List<String> classes, int side, List<Integer> widths, LayerStyle style, Head head) {
    return new DetectorConfig(
        DetectorConfig.ARCHITECTURE,
        classes,
        side,
        side,
        style,
        new ResidualBackbone(widths, List.of(1, 1)),
        neck(),
        head);
  }

  /** The tensors' home. */
  final TensorEngine engine() {
    return engine;
  }

  private DetectorConfig scenes() {
    return scenes(head());
  }

  /** A network for pictures of 64 x 64 pixels of three classes. */
  final DetectorConfig scenes(Head head) {
    return config(
        List.of("red", "green", "never"), SCENE, List.of(8, 16, 24), LayerStyle.groups(8), head);
  }

  /** Two pictures, each with a red and a green rectangle on grey. */
  static SampleBatch rectangles(int first, int count) {
    List<Picture> pictures = new ArrayList<>();
    List<List<LabelledBox>> boxes = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      Picture picture = Picture.filled(SCENE, SCENE, 110, 110, 110);
      List<LabelledBox> own = new ArrayList<>();
      add(picture, own, 0, 4 + 5 * i, 6 + 3 * i, 14, 18);
      add(picture, own, 1, 34 - 3 * i, 33 + 2 * i, 24, 20);
      pictures.add(picture);
      boxes.add(own);
    }
    return SampleBatch.of(pictures, boxes);
  }

  private static void add(
      Picture picture, List<LabelledBox> boxes, int which, int left, int top, int wide, int high) {
    for (int y = top; y < top + high; y++) {
      for (int x = left; x < left + wide; x++) {
        int at = 3 * (y * picture.width() + x);
        Arrays.fill(picture.rgb(), at, at + 3, (byte) 20);
        picture.rgb()[at + which] = (byte) 230;
      }
    }
    boxes.add(new LabelledBox(new Box(left, top, wide, high), which, /* crowd= */ false));
  }

  private DetectorTrainer trainer(DetectorConfig config) {
    DetectorTrainingSettings plain =
        DetectorTrainingSettings.standard().withAugmentation(AugmentationSettings.none());
    return DetectorTrainer.create(engine, config, plain, 1);
  }

  @Test
  void learnsTwoPicturesByHeart() {
    SampleBatch batch = rectangles(0, 2);
    try (DetectorTrainer trainer = trainer(scenes())) {
      double before = trainer.evaluate(batch).total();
      for (int i = 0; i < steps(); i++) {
        trainer.step(batch, i < steps() * 3 / 4 ? 5e-3 : 1e-3);
      }
      assertThat(trainer.evaluate(batch).total()).isLessThan(before / 3);
      List<List<Detection>> found = trainer.detect(batch, 0.3, 100);
      for (int i = 0; i < 2; i++) {
        List<Detection> own = found.get(i);
        for (LabelledBox truth : batch.boxes().get(i)) {
          assertThat(own)
              .as("picture %d", i)
              .anyMatch(one ->
                  one.classIndex() == truth.classIndex() && one.box().iou(truth.box()) > 0.6);
        }
        assertThat(own).noneMatch(one -> one.label().equals("never"));
      }
    }
  }

  int steps() {
    return 120;
  }

  /** Layers round, losses and boxes do not: every part of the loss stays where it was. */
  @Test
  void learnsInBfloat16AlmostAsInFloat32() {
    SampleBatch batch = rectangles(0, 2);
    DetectorTrainingSettings plain =
        DetectorTrainingSettings.standard().withAugmentation(AugmentationSettings.none());
    try (DetectorTrainer exact = trainer(scenes());
        DetectorTrainer rounded =
            DetectorTrainer.create(engine, scenes(), plain.withPrecision(Precision.BF16), 1)) {
      DetectorStep expected = exact.step(batch, 1e-3);
      DetectorStep found = rounded.step(batch, 1e-3);
      double near = 0.02 * expected.loss();
      assertThat(found.loss())
          .isNotEqualTo(expected.loss())
          .isCloseTo(expected.loss(), within(near));
      expected
          .losses()
          .parts()
          .forEach((name, value) ->
              assertThat(found.losses().parts().get(name)).as(name).isCloseTo(value, within(near)));
      assertThat(found.gradientNorm()).isCloseTo(expected.gradientNorm(), withinPercentage(5));
      for (int i = 0; i < 10; i++) {
        DetectorStep unused = rounded.step(batch, 3e-3);
      }
      assertThat(rounded.evaluate(batch).total()).isLessThan(0.9 * expected.loss());
    }
  }

  @Test
  void batchesTogetherAreOneBatch() {
    DetectorStep together;
    DetectorStep apart;
    try (DetectorTrainer one = trainer(scenes());
        DetectorTrainer other = trainer(scenes())) {
      together = one.step(rectangles(0, 3), 1e-3);
      apart = other.step(List.of(rectangles(0, 1), rectangles(1, 2)), 1e-3);
      SampleBatch batch = rectangles(0, 3);
      assertThat(other.evaluate(batch).total())
          .isCloseTo(one.evaluate(batch).total(), withinPercentage(0.1));
    }
    assertThat(apart.loss()).isCloseTo(together.loss(), within(1e-4 * together.loss()));
    assertThat(apart.gradientNorm()).isCloseTo(together.gradientNorm(), withinPercentage(0.1));
    together
        .losses()
        .parts()
        .forEach((name, value) ->
            assertThat(apart.losses().parts().get(name))
                .as(name)
                .isCloseTo(value, within(1e-4 * together.loss())));
    assertThat(together.losses().parts().keySet()).containsExactlyElementsOf(head().losses());
  }

  @Test
  void picturesWithNothingOrWithAThousandBoxesAreLearnedFrom() {
    List<LabelledBox> many = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      double side = 1 + random.nextDouble() * 30;
      Box box =
          new Box(random.nextDouble() * 60, random.nextDouble() * 60, side, side)
              .clip(SCENE, SCENE);
      many.add(new LabelledBox(box, i % 2, i % 10 == 9));
    }
    List<Picture> pictures =
        List.of(Picture.filled(SCENE, SCENE, 9, 9, 9), Picture.filled(SCENE, SCENE, 90, 9, 9));
    for (List<LabelledBox> second : List.of(many, List.<LabelledBox>of())) {
      SampleBatch batch = SampleBatch.of(pictures, List.of(List.of(), second));
      try (DetectorTrainer trainer = trainer(scenes())) {
        double before = trainer.evaluate(batch).total();
        for (int i = 0; i < 5; i++) {
          trainer.step(batch, 1e-3);
        }
        assertThat(trainer.evaluate(batch).total()).isFinite().isLessThan(before);
        assertThat(trainer.detect(batch, 0, 7)).allMatch(found -> found.size() <= 7);
      }
    }
  }

  /** The whole network and all losses in float64 against central differences. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsAreThoseOfFiniteDifferences(boolean withObjects) {
    DetectorConfig config =
        config(List.of("a", "b"), SIDE, List.of(4, 4, 8), LayerStyle.groups(4), differentiable());
    try (DetectorGradients gradients =
        new DetectorGradients(
            engine, DetectorNetwork.kernels(engine, config), config, /* pictures= */ 2, 0.1)) {
      NDArray objects =
          withObjects
              ? gradients.rows(
                  new double[] {0, 1, 9.2, 16.4, 11, 13},
                  new double[] {0, 0, 24.7, 6.3, 8.5, 9},
                  new double[] {1, 1, 13.1, 14.6, 23, 21})
              : gradients.rows();
      gradients.check(
          new GradientCheck(1e-6, 4, 1),
          1e-4,
          objects,
          gradients.rows(new double[] {1, 0, 28, 28, 7, 7}));
    }
  }
}
