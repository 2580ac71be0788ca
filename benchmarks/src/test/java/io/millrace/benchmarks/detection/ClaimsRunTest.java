package io.millrace.benchmarks.detection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The command of each claim, from reading pictures to the last figure. */
class ClaimsRunTest {

  static final List<String> NAMES = Claims.NAMES;

  private static final int SIDE = 64;

  @TempDir static Path folder;

  /** One picture for each part, with a dark square. */
  @BeforeAll
  static void pictures() throws IOException {
    Files.createDirectories(folder.resolve("images"));
    Files.createDirectories(folder.resolve("annotations"));
    BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = picture.createGraphics();
    canvas.setColor(Color.WHITE);
    canvas.fillRect(0, 0, SIDE, SIDE);
    canvas.setColor(Color.DARK_GRAY);
    canvas.fillRect(16, 20, 24, 24);
    canvas.dispose();
    for (String part : List.of("train", "test")) {
      ImageIO.write(picture, "png", folder.resolve("images/" + part + ".png").toFile());
      Files.writeString(
          folder.resolve("annotations/instances_" + part + ".json"),
          """
          {"images": [{"id": 1, "file_name": "%s.png", "width": 64, "height": 64}],
           "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [16, 20, 24, 24], "area": 576, "iscrowd": 0}],
           "categories": [{"id": 1, "name": "square"}]}
          """
              .formatted(part));
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void endsWithFigures(String name) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<String> command =
        List.of(
            folder.toString(),
            "preset=claims/" + name,
            "width=64",
            "height=64",
            "steps=1",
            "batch=1",
            "seeds=1");
    try (PrintStream out = new PrintStream(bytes, /* autoFlush= */ false, UTF_8)) {
      new DetectBenchmark().run(command, out);
    }
    assertThat(bytes.toString(UTF_8))
        .contains("1 pictures to learn from, 1 to be judged on, classes [square]")
        .contains("step 1 of 1: loss ")
        .containsPattern("mean and deviation of 1 seeds\n(?s:.*)map50 +[0-9]");
  }
}
