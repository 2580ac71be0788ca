package io.millrace.vision.train;

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
}
