package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.evaluate.ClassEvaluation;
import io.millrace.vision.evaluate.DetectionEvaluator;
import io.millrace.vision.evaluate.Evaluation;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Pyramid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What real sets have, with a preset of every family: pictures without objects, a class that never
 * occurs, thousands of boxes in one picture, and all changes of batches upon them.
 */
class OddTrainingSetTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Random random = new Random(3);

  @TempDir Path directory;

  private Picture noise(int side) {
    byte[] rgb = new byte[3 * side * side];
    random.nextBytes(rgb);
    return new Picture(side, side, rgb);
  }

  /** Of all sizes, some of no more than a twentieth of a pixel, some twice, some of crowds. */
  private List<LabelledBox> boxes(int side, int count, int classes) {
    List<LabelledBox> boxes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double width = 0.05 * Math.pow(1000, random.nextDouble());
      double height = width * (0.5 + 0.7 * random.nextDouble());
      Box box =
          new Box(
              random.nextDouble() * (side - width),
              random.nextDouble() * (side - height),
              width,
              height);
      boxes.add(new LabelledBox(box, i % classes, /* crowd= */ i % 50 == 0));
      if (i % 10 == 0) {
        boxes.add(new LabelledBox(box, (i + 1) % classes, /* crowd= */ false));
      }
    }
    return boxes.subList(0, count);
  }

  private static DetectorTrainingSettings changing() {
    return DetectorTrainingSettings.standard()
        .withBatchChanges(
            List.of(
                new Oversampling(3, 32),
                new CopyPaste(2, 32),
                new Mosaic(0.5, 0.4),
                new AnchorSampling(0.3, 0.4),
                new ContextCrop(0.3, 2, 0.4),
                new RandomScale(Pyramid.parse("2:0-60,1,0.5:20-"), 0.4)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nano",
        "fcos-nano",
        "retinanet-nano",
        "ssd-nano",
        "s3fd-nano",
        "faceboxes-nano",
        "yolo-v1-nano",
        "trident-nano",
        "faster-rcnn-nano",
        "trident-rcnn-nano",
        "mtcnn"
      })
  void everyFamilyLearnsFromThem(String preset) throws IOException {
    boolean one = preset.equals("mtcnn");
    int side = preset.equals("faceboxes-nano") ? 128 : 64; // its coarsest stride
    List<String> classes = one ? List.of("seen") : List.of("seen", "other", "never");
    DetectorConfig config = DetectorPresets.of(preset, classes, side, side);
    List<LabelledBox> many = boxes(side, 3000, one ? 1 : 2);
    SampleBatch crowded =
        SampleBatch.of(List.of(noise(side), noise(side)), List.of(List.of(), many));
    SampleBatch empty =
        SampleBatch.of(List.of(noise(side), noise(side)), List.of(List.of(), List.of()));
    try (DetectorTrainer trainer =
        DetectorTrainer.create(engine, config, DetectorTrainingSettings.standard(), 5)) {
      requireLearned(trainer.step(crowded, 1e-4));
      requireLearned(trainer.step(empty, 1e-4));
      requireJudged(trainer, crowded);
      trainer.save(directory);
    }
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, config, changing(), 5)) {
      requireLearned(trainer.step(List.of(crowded, empty), 1e-4));
    }
    try (Detector detector = Detector.load(engine, directory)) {
      assertThat(detector.detect(noise(side), 0, 100)).hasSizeLessThanOrEqualTo(100);
    }
  }

  private static void requireLearned(DetectorStep step) {
    assertThat(step.loss()).isFinite().isNotNegative();
    assertThat(step.losses().parts().values()).allMatch(Double::isFinite);
    assertThat(step.gradientNorm()).isFinite();
  }

  private static void requireJudged(DetectorTrainer trainer, SampleBatch batch) {
    assertThat(trainer.evaluate(batch).total()).isFinite();
    DetectionEvaluator evaluator = new DetectionEvaluator(trainer.config().classes());
    List<List<Detection>> found = trainer.detect(batch, 0.01, 100);
    for (int i = 0; i < batch.size(); i++) {
      evaluator.add(batch.truth(i), found.get(i));
    }
    Evaluation evaluation = evaluator.evaluate();
    assertThat(evaluation.coco().map50()).isBetween(0.0, 1.0);
    for (ClassEvaluation one : evaluation.classes()) {
      if (one.name().equals("never")) {
        assertThat(one.coco().map()).isEqualTo(-1);
      } else {
        assertThat(one.coco().map()).isNotNegative();
      }
    }
  }
}
