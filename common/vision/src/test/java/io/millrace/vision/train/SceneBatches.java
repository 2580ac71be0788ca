package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.scene.Scene;
import io.millrace.vision.scene.SceneRenderer;
import java.util.List;
import java.util.stream.LongStream;

/** Rendered scenes as batches, the same each time. */
final class SceneBatches {

  private static final long SEED = 5;

  private SceneBatches() {}

  /**
   * Scenes that follow each other.
   *
   * @param side of the square pictures in pixels
   * @param first number of the first scene
   */
  static SampleBatch of(int side, long first, int size) {
    SceneRenderer renderer = new SceneRenderer(side, side, SEED);
    List<Scene> scenes = LongStream.range(first, first + size).mapToObj(renderer::render).toList();
    return SampleBatch.of(
        scenes.stream().map(Scene::picture).toList(), scenes.stream().map(Scene::boxes).toList());
  }

  /**
   * Asserts that at least three quarters of a batch's objects are found, by class and with an IoU
   * above a half, by detections of some score.
   */
  static void requireFound(DetectorTrainer trainer, SampleBatch batch, double minScore) {
    List<List<Detection>> found = trainer.detect(batch, minScore, 100);
    int hits = 0;
    int all = 0;
    for (int i = 0; i < batch.size(); i++) {
      for (LabelledBox truth : batch.boxes().get(i)) {
        all++;
        boolean hit =
            found.get(i).stream()
                .anyMatch(one ->
                    one.classIndex() == truth.classIndex() && one.box().iou(truth.box()) > 0.5);
        hits += hit ? 1 : 0;
      }
    }
    assertThat(hits).as("of %d objects", all).isGreaterThanOrEqualTo(all * 3 / 4).isPositive();
  }
}
