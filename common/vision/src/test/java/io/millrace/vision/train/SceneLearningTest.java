package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.optimizer.LearningRateSchedule;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.evaluate.CocoEvaluator;
import io.millrace.vision.evaluate.CocoResult;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.scene.Scene;
import io.millrace.vision.scene.SceneRenderer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Learns rendered scenes from nothing, takes one to two minutes on two cores: {@code ./mvnw -pl
 * common/vision -am test -Dtest=SceneLearningTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dmillrace.benchmarks=true}.
 */
@EnabledIfSystemProperty(named = "millrace.benchmarks", matches = "true")
class SceneLearningTest {

  private static final int STEPS = 800;
  private static final int BATCH = 8;
  private static final int HELD_OUT = 128;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void findsFiguresInScenesItNeverSaw() {
    SceneRenderer learned = new SceneRenderer(128, 128, 1);
    SceneRenderer unseen = new SceneRenderer(128, 128, 2);
    DetectorConfig config = DetectorPresets.of("nano", SceneRenderer.classes(), 128, 128);
    LearningRateSchedule schedule =
        new LearningRateSchedule.WarmupCosine(3e-3, 3e-5, STEPS / 20, STEPS);
    try (DetectorTrainer trainer =
        DetectorTrainer.create(engine, config, DetectorTrainingSettings.standard(), 1)) {
      long nanos = 0;
      for (int step = 0; step < STEPS; step++) {
        SampleBatch batch = batch(learned, (long) step * BATCH, BATCH);
        long start = System.nanoTime();
        trainer.step(batch, schedule.at(step));
        nanos += System.nanoTime() - start;
      }
      CocoEvaluator evaluator = new CocoEvaluator(SceneRenderer.classes().size());
      for (int first = 0; first < HELD_OUT; first += BATCH) {
        SampleBatch batch = batch(unseen, first, BATCH);
        List<List<Detection>> found = trainer.detect(batch, 0.01, 100);
        for (int i = 0; i < BATCH; i++) {
          evaluator.add(batch.boxes().get(i), found.get(i));
        }
      }
      CocoResult result = evaluator.evaluate();
      System.out.printf(
          "%d steps of %d pictures in %.1f s (%.0f pictures/s): mAP50 %.3f, mAP %.3f on %d unseen scenes%n",
          STEPS,
          BATCH,
          nanos / 1e9,
          STEPS * BATCH / (nanos / 1e9),
          result.map50(),
          result.map(),
          HELD_OUT);
      assertThat(result.map50()).isGreaterThan(0.75);
    }
  }

  private static SampleBatch batch(SceneRenderer renderer, long first, int size) {
    List<Picture> pictures = new ArrayList<>();
    List<List<LabelledBox>> boxes = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Scene scene = renderer.render(first + i);
      pictures.add(scene.picture());
      boxes.add(scene.boxes());
    }
    return SampleBatch.of(pictures, boxes);
  }
}
