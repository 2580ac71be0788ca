package io.millrace.encoder.classify.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ClassificationFolderTest {

  @TempDir Path directory;

  @Test
  void writesFiguresAndPictures() throws IOException {
    ClassificationEvaluator evaluator = new ClassificationEvaluator(List.of("<cat>", "dog"));
    evaluator.add(0, new float[] {2, 0});
    evaluator.add(1, new float[] {1, 0});
    ClassificationFolder.write(evaluator.evaluate(), directory);
    JsonNode json = JsonMapper.shared().readTree(directory.resolve("evaluation.json").toFile());
    assertThat(json.path("accuracy").asDouble()).isEqualTo(0.5);
    assertThat(json.path("macro_f1").asDouble()).isEqualTo((2.0 / 3 + 0) / 2);
    assertThat(json.path("confusion").toString()).isEqualTo("[[1,0],[1,0]]");
    assertThat(json.path("calibration").path("bins").size()).isEqualTo(15);
    assertThat(json.path("classes").path(0).path("precision").asDouble()).isEqualTo(0.5);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> String.valueOf(file.getFileName())))
          .containsExactlyInAnyOrder(
              "evaluation.json",
              "evaluation-confusion.svg",
              "evaluation-reliability.svg",
              "evaluation-reliability-calibrated.svg",
              "evaluation-classes.svg");
    }
    assertThat(directory.resolve("evaluation-confusion.svg"))
        .content()
        .contains("&lt;cat&gt;", "accuracy 0.500");
    assertThat(directory.resolve("evaluation-reliability.svg"))
        .content()
        .contains("0.87 to 0.93", "1.000 right, 0.881 said, of 1");
  }

  @Test
  void drawsTheClassesWithTheMostExamples() throws IOException {
    List<String> names = IntStream.range(0, 200).mapToObj(i -> "class" + i + ".").toList();
    ClassificationEvaluator evaluator = new ClassificationEvaluator(names);
    for (int i = 100; i < 200; i++) {
      evaluator.add(i, new float[200]);
      evaluator.add(199, new float[200]);
    }
    ClassificationFolder.write(evaluator.evaluate(), directory);
    assertThat(directory.resolve("evaluation-confusion.svg"))
        .content()
        .contains("60 of 200 classes", "class199.", "class100.")
        .doesNotContain("class99.");
    assertThat(directory.resolve("evaluation-classes.svg"))
        .content()
        .contains("60 of 200 classes", "class199.")
        .doesNotContain("class99.");
  }
}
