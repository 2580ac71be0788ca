package io.millrace.vision.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvaluationFolderTest {
  @TempDir private Path directory;

  @Test
  void writesEveryFigureAsJson() throws Exception {
    Evaluation evaluation =
        DetectionEvaluatorTest.evaluate(GoldenCases.named("classes that never occur"));
    EvaluationFolder.write(evaluation, directory);
    JsonNode json = JsonMapper.shared().readTree(directory.resolve("evaluation.json").toFile());
    assertThat(json.path("coco").path("map_small").asDouble())
        .isEqualTo(evaluation.coco().mapSmall());
    assertThat(json.path("voc").path("eleven_point").asDouble())
        .isEqualTo(evaluation.voc().elevenPoint());
    assertThat(json.path("precision").size()).isEqualTo(101);
    assertThat(json.path("confidence").propertyNames())
        .containsExactlyInAnyOrder("precision", "recall", "f1");
    assertThat(json.path("confusion").path("counts").size()).isEqualTo(5);
    assertThat(json.path("errors").path("missed").path("count").asLong())
        .isEqualTo(evaluation.errors().missed().count());
    assertThat(json.path("classes").path(1).path("coco").path("map").asDouble()).isEqualTo(-1);
    assertThat(json.path("classes").path(3).path("name").asString()).isEqualTo("class 3");
  }

  @Test
  void drawsFourPictures() throws Exception {
    EvaluationFolder.write(
        DetectionEvaluatorTest.evaluate(GoldenCases.named("three classes")), directory);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> String.valueOf(file.getFileName())))
          .containsExactlyInAnyOrder(
              "evaluation.json",
              "evaluation-precision-recall.svg",
              "evaluation-confidence.svg",
              "evaluation-confusion.svg",
              "evaluation-errors.svg");
    }
    assertThat(directory.resolve("evaluation-errors.svg"))
        .content()
        .contains("What a repair would gain in AP50 (0.435)", "0.187, of 40 errors");
    assertThat(directory.resolve("evaluation-confusion.svg")).content().contains("(missed)");
  }

  @Test
  void drawsNothingFoundAndNothingTrue() throws Exception {
    for (String name : List.of("nothing found", "nothing true")) {
      EvaluationFolder.write(DetectionEvaluatorTest.evaluate(GoldenCases.named(name)), directory);
      assertThat(directory.resolve("evaluation-confidence.svg")).content().endsWith("</svg>\n");
    }
  }
}
