package io.millrace.vision.scene;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SceneRendererTest {

  private final SceneRenderer renderer = new SceneRenderer(128, 128, 7);

  @Test
  void rendersTheSameSceneAgain() {
    assertThat(new SceneRenderer(128, 128, 7).render(5)).isEqualTo(renderer.render(5));
    assertThat(new SceneRenderer(128, 128, 8).render(5).picture())
        .isNotEqualTo(renderer.render(5).picture());
    assertThat(renderer.render(6).picture()).isNotEqualTo(renderer.render(5).picture());
  }

  @Test
  void showsEveryClassAtManySizesInsideThePicture() {
    Set<Integer> classes = new HashSet<>();
    int small = 0;
    int boxes = 0;
    for (int i = 0; i < 100; i++) {
      Scene scene = renderer.render(i);
      assertThat(scene.boxes()).isNotEmpty();
      for (LabelledBox labelled : scene.boxes()) {
        Box box = labelled.box();
        classes.add(labelled.classIndex());
        boxes++;
        small += box.area() < 20 * 20 ? 1 : 0;
        assertThat(box.x()).isNotNegative();
        assertThat(box.y()).isNotNegative();
        assertThat(box.right()).isLessThanOrEqualTo(128);
        assertThat(box.bottom()).isLessThanOrEqualTo(128);
        assertThat(box.area()).isGreaterThan(20);
      }
    }
    assertThat(classes).hasSize(SceneRenderer.classes().size());
    assertThat(small).isBetween(boxes / 3, boxes * 4 / 5);
  }

  @Test
  void keepsFiguresApart() {
    for (int i = 0; i < 50; i++) {
      Scene scene = renderer.render(i);
      for (LabelledBox a : scene.boxes()) {
        for (LabelledBox b : scene.boxes()) {
          assertThat(a == b || a.box().iou(b.box()) < 0.2).isTrue();
        }
      }
    }
  }
}
