package io.millrace.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetectionDemoTest {

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
