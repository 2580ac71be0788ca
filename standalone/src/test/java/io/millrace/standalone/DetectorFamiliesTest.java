package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.Ports;
import io.millrace.standalone.up.Platform;
import io.millrace.standalone.up.PlatformSettings;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.PictureWriter;
import io.millrace.vision.scene.Scene;
import io.millrace.vision.scene.SceneRenderer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A detector of every family, and classifiers of rows, texts and pictures, go the whole way through
 * the platform as {@code up} starts it: upload, run, {@code kill -9}, resume, checkpoint, swap,
 * detect, classify or embed.
 */
@Timeout(900)
class DetectorFamiliesTest {

  private static final int SIDE = 128;
  private static final int PICTURES = 16;
  private static final int STEPS = 4;
  private static final int CHECKPOINTS = 2;
  private static final List<String> FAMILIES =
      List.of(
          "nano",
          "fcos-nano",
          "retinanet-nano",
          "s3fd-nano",
          "faceboxes-nano",
          "yolo-v1-nano",
          "faster-rcnn-nano",
          "trident-rcnn-nano",
          "mtcnn");

  /** The family whose layers learn in bfloat16. */
  private static final String ROUNDED = "fcos-nano";

  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir Path directory;

  private final SceneRenderer scenes = new SceneRenderer(SIDE, SIDE, 3);
  private PlatformApi api = new PlatformApi("", "");

  @Test
  void everyFamilyLearnsIsKilledResumesAndServes() throws Exception {
    Path home = directory.resolve("home");
    PlatformSettings settings = new PlatformSettings(home, Ports.free(), Ports.free(), "cpu");
    String address = "http://127.0.0.1:" + settings.port();
    int kafkaPort = Ports.free();
    try (Launched platform =
        Launched.start(
            directory.resolve("output"),
            home,
            "up",
            "--home",
            home.toString(),
            "--port",
            "" + settings.port(),
            "--grpc-port",
            "" + settings.grpcPort(),
            "--kafka-port",
            "" + kafkaPort,
            "--device",
            "cpu")) {
      platform.awaitOutput("API key");
      api = new PlatformApi(address, Files.readString(home.resolve("api-key")).strip());
      Classifiers classifiers = new Classifiers(api, STEPS, STEPS / CHECKPOINTS);
      upload();
      classifiers.upload(kafkaPort, home.resolve("producer.properties"));
      classifiers.start();
      new Encoders(api, STEPS, STEPS / CHECKPOINTS).start();
      for (String family : FAMILIES) {
        start(family);
      }
      while (checkpoints() < FAMILIES.size() + Classifiers.NAMES.size() + Encoders.NAMES.size()) {
        Thread.sleep(100);
      }
      platform.kill();
    }
    try (Platform again = Platform.start(settings, _ -> {})) {
      assertThat(again.apiKey()).isEqualTo(api.key());
      for (String family : FAMILIES) {
        requireEnded(family);
        detect(family);
      }
      for (String name : Classifiers.NAMES) {
        requireEnded(name);
      }
      for (String name : Encoders.NAMES) {
        requireEnded(name);
      }
      new Classifiers(api, STEPS, STEPS / CHECKPOINTS).classify(CHECKPOINTS, settings.grpcPort());
      new Encoders(api, STEPS, STEPS / CHECKPOINTS).embed(CHECKPOINTS, settings.grpcPort());
    }
  }

  private void requireEnded(String model) throws IOException, InterruptedException {
    JsonNode run = ended(model);
    assertThat(run.path("state").asString()).as(run.toPrettyString()).isEqualTo("succeeded");
    assertThat(run.path("progress").path("step").asInt()).as(model).isEqualTo(STEPS);
    assertThat(run.path("progress").path("checkpoints").asInt()).as(model).isEqualTo(CHECKPOINTS);
  }

  private void upload() throws IOException, InterruptedException {
    api.post(
        "/api/datasets",
        Map.of(
            "name",
            "scenes",
            "kind",
            "images",
            "image_width",
            SIDE,
            "image_height",
            SIDE,
            // One class, which every family can find.
            "classes",
            List.of("figure")));
    String lines =
        IntStream.range(0, PICTURES)
            .mapToObj(i -> JSON.writeValueAsString(document(i)))
            .collect(Collectors.joining("\n", "", "\n"));
    api.send(
        "/api/datasets/scenes/documents",
        "application/x-ndjson",
        lines.getBytes(StandardCharsets.UTF_8));
    api.post("/api/datasets/scenes/snapshots", Map.of());
  }

  private Map<String, Object> document(int number) {
    Scene scene = scenes.render(number);
    List<Map<String, Object>> boxes = new ArrayList<>();
    for (LabelledBox one : scene.boxes()) {
      boxes.add(
          Map.of(
              "x", one.box().x(),
              "y", one.box().y(),
              "width", one.box().width(),
              "height", one.box().height(),
              "label", "figure"));
    }
    return Map.of(
        "id",
        "scene-" + number,
        "image",
        Base64.getEncoder().encodeToString(PictureWriter.png(scene.picture())),
        "boxes",
        boxes);
  }

  private void start(String family) throws IOException, InterruptedException {
    api.post(
        "/api/runs",
        Map.of(
            "model",
            family,
            "task",
            "detection",
            "dataset",
            "scenes",
            "preset",
            family,
            "steps",
            STEPS,
            "batch_size",
            4,
            "checkpoint_every",
            2,
            "precision",
            family.equals(ROUNDED) ? "bf16" : "f32"));
  }

  private int checkpoints() throws IOException, InterruptedException {
    int sum = 0;
    for (JsonNode run : api.get("/api/runs").path("runs")) {
      assertThat(run.path("state").asString()).as(run.toPrettyString()).isNotEqualTo("failed");
      sum += run.path("progress").path("checkpoints").asInt();
    }
    return sum;
  }

  private JsonNode ended(String family) throws IOException, InterruptedException {
    while (true) {
      for (JsonNode run : api.get("/api/runs").path("runs")) {
        if (run.path("request").path("model").asString().equals(family)
            && !run.path("state").asString().matches("queued|running")) {
          return run;
        }
      }
      Thread.sleep(200);
    }
  }

  /** The newest version serves, and answers with boxes of its class. */
  private void detect(String family) throws IOException, InterruptedException {
    byte[] picture = PictureWriter.png(scenes.render(PICTURES).picture());
    api.awaitServing(family, CHECKPOINTS);
    JsonNode answer = api.send("/api/detect?min_score=0&model=" + family, "image/png", picture);
    assertThat(answer.path("model_version").asInt()).isEqualTo(CHECKPOINTS);
    for (JsonNode found : answer.path("detections")) {
      assertThat(found.path("label").asString()).isEqualTo("figure");
      assertThat(found.path("x").asDouble() + found.path("width").asDouble())
          .isBetween(0.0, (double) SIDE);
    }
    assertThat(answer.path("image_width").asInt()).isEqualTo(SIDE);
  }
}
