package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.vision.network.PublishedValues;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DetectorExportTest {

  private static final String PREFIX = "backbone.";

  private final TensorEngine engine = TensorEngine.start("cpu");

  @TempDir Path directory;

  /** So that torchvision and timm load them; these have a classifier besides. */
  @Test
  void aResNetsBackboneHasThePublishedNamesAndShapes() throws IOException {
    DetectorConfig config = DetectorPresets.of("centernet-r18", List.of("cell"), 64, 64);
    Path folder = directory.resolve("model");
    try (DetectorNetwork network = DetectorNetwork.create(engine, config, 1)) {
      network.save(folder);
    }
    Path out = directory.resolve("out");

    assertThat(DetectorExport.write(engine, folder, out)).isPositive();

    Map<String, String> shapes = new TreeMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(out.resolve("model.safetensors"))) {
      file.tensors()
          .forEach((name, info) -> {
            if (name.startsWith(PREFIX)) {
              shapes.put(name.substring(PREFIX.length()), Arrays.toString(info.shape().getShape()));
            }
          });
      assertThat(file.tensors().keySet())
          .allMatch(name -> name.matches("(backbone|neck|head)\\..+"));
    }
    String lines =
        shapes.entrySet().stream()
            .map(one -> one.getKey() + " " + one.getValue())
            .collect(Collectors.joining("\n"));
    for (String library : List.of("torchvision", "timm")) {
      assertThat(PublishedValues.checksum(lines))
          .isEqualTo(golden().path(library + " resnet18").path("shapes").asLong());
    }
  }

  private static JsonNode golden() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PublishedValues.class.getResourceAsStream("backbones.json"))) {
      return JsonMapper.shared().readTree(in);
    }
  }
}
