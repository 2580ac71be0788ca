package io.millrace.standalone.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.standalone.Terminal;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorNetwork;
import io.millrace.vision.detector.DetectorPresets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReceptiveFieldCommandTest {
  @TempDir private Path directory;

  @Test
  void printsAKnownNetwork() {
    Terminal printed = Terminal.run("rf", "resnet-50-original");
    assertThat(printed.status()).isZero();
    assertThat(printed.out()).contains("stride 32, branch 0", "size   483.0", "for all sizes");
    assertThat(Terminal.run("rf", "vgg-16", "--layers").out())
        .containsPattern("conv5_3 +size +196\\.0")
        .containsPattern("pool5 +size +212\\.0 +jump +32\\.0 +start +15\\.5");
  }

  @Test
  void printsAPresetAsJson() {
    JsonNode json = JsonMapper.shared().readTree(Terminal.run("rf", "fcos-nano", "--json").out());
    assertThat(json.path("maps").size()).isEqualTo(3);
    assertThat(json.path("maps").path(0).path("stride").asInt()).isEqualTo(8);
    assertThat(json.path("maps").path(0).path("layers").path(0).path("size").asDouble())
        .isEqualTo(3);
  }

  @Test
  void drawsTheFields() throws IOException {
    Path file = directory.resolve("fields.svg");
    assertThat(Terminal.run("rf", "fcos-nano", "--picture", file.toString()).status()).isZero();
    assertThat(Files.readString(file))
        .startsWith("<svg ")
        .contains("Receptive fields of fcos-nano", "stride 8, branch 0");
  }

  @Test
  void measuresWhatCellsDependOn() throws IOException {
    DetectorConfig small = DetectorPresets.of("trident-nano", List.of("a"), 64, 64);
    try (DetectorNetwork network = DetectorNetwork.create(TensorEngine.start("cpu"), small, 3)) {
      network.save(directory);
    }
    Path file = directory.resolve("gradients.png");
    Terminal printed =
        Terminal.run(
            "rf", directory.toString(), "--effective", "--pictures", "1", "--picture", file + "");
    assertThat(printed.status()).as(printed.err()).isZero();
    assertThat(printed.out().lines())
        .hasSize(3)
        .allMatch(line -> line.contains("95 % of the gradient within "));
    assertThat(ImageIO.read(file.toFile()).getHeight()).isLessThanOrEqualTo(64);
    JsonNode json =
        JsonMapper.shared()
            .readTree(
                Terminal.run("rf", directory.resolve("config.json") + "", "--effective", "--json")
                    .out());
    assertThat(json).hasSize(3);
    assertThat(json.path(2).path("branch").asInt()).isEqualTo(2);
    assertThat(json.path(2).path("effective_size").asDouble()).isPositive();
    assertThat(json.path(2).path("size_of_layers").asDouble()).isGreaterThan(64);
    assertThat(Terminal.run("rf", "alexnet", "--effective").err()).contains("has no weights here");
    assertThat(Terminal.run("rf", "fcos-nano", "--effective", "--pictures", "0").err())
        .contains("--pictures must be 1 to 1000");
  }

  @Test
  void refusesWhatItDoesNotKnow() throws IOException {
    Terminal unknown = Terminal.run("rf", "nothing-such");
    assertThat(unknown.status()).isNotZero();
    assertThat(unknown.err()).contains("nothing-such is no file, no preset (nano", "alexnet");
    Path file = directory.resolve("config.json");
    Files.writeString(file, "{}");
    assertThat(Terminal.run("rf", file.toString()).status()).isNotZero();
  }
}
