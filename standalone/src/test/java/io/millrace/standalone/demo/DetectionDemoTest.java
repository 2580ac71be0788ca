package io.millrace.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetectionDemoTest {

  private static List<Detection> found(double... scores) {
    return Arrays.stream(scores)
        .mapToObj(score -> new Detection(new Box(0, 0, 1, 1), 0, "disc", score))
        .toList();
  }

  @Test
  void drawsWhatIsSureAndAsMuchAsThereIsToSee() {
    assertThat(DetectionDemo.drawn(found(0.9, 0.5, 0.36, 0.1), 1)).hasSize(3);
    assertThat(DetectionDemo.drawn(found(0.3, 0.2, 0.1, 0.02), 2))
        .extracting(Detection::score)
        .containsExactly(0.3, 0.2);
    assertThat(DetectionDemo.drawn(found(0.9, 0.1), 5)).hasSize(2);
    assertThat(DetectionDemo.drawn(found(0.3), 0)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "unseen-3, unseen-3.png",
    "077f026f.png, 077f026f.png",
    "a/b.JPEG, a_b.png",
    "v1.2, v1.2.png"
  })
  void drawingsHaveOneEnding(String id, String file) {
    assertThat(DetectionDemo.fileName(id)).isEqualTo(file);
  }
}
