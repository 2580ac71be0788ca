package io.millrace.benchmarks.served;

import io.millrace.contracts.Tasks;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.scene.Scene;
import io.millrace.vision.scene.SceneRenderer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A detector of rendered scenes that a platform trains a little and serves, seen as by a client.
 */
public final class ServedScenes {

  private static final String NAME = "scenes";
  private static final int STEPS = 20;
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final JsonMapper json = JsonMapper.shared();
  private final ServedPlatform platform;

  /** A client with a key. */
  public ServedScenes(URI address, String apiKey) {
    this.platform = new ServedPlatform(address, apiKey);
  }

  /**
   * Returns when the trained model serves.
   *
   * @param files the scenes as encoded pictures
   */
  public void train(String preset, List<Scene> scenes, List<byte[]> files)
      throws IOException, InterruptedException {
    int width = scenes.getFirst().picture().width();
    int height = scenes.getFirst().picture().height();
    platform.post(
        "/api/datasets",
        Map.of(
            "name",
            NAME,
            "kind",
            "images",
            "image_width",
            width,
            "image_height",
            height,
            "classes",
            SceneRenderer.classes()));
    for (int i = 0; i < files.size(); i++) {
      String line = json.writeValueAsString(document(i, scenes.get(i), files.get(i))) + "\n";
      platform.post("/api/datasets/" + NAME + "/documents", "application/x-ndjson", line);
    }
    platform.post("/api/datasets/" + NAME + "/snapshots", Map.of());
    JsonNode run =
        platform.post(
            "/api/runs",
            Map.of(
                "model", NAME,
                "task", Tasks.DETECTION,
                "dataset", NAME,
                "preset", preset,
                "steps", STEPS,
                "checkpoint_every", STEPS));
    platform.await(
        "/api/runs/" + run.path("id").asString(),
        body -> body.path("state").asString(),
        "succeeded");
    awaitServed(files.getFirst());
  }

  private static Map<String, Object> document(int index, Scene scene, byte[] file) {
    List<Map<String, Object>> boxes = new ArrayList<>();
    for (LabelledBox one : scene.boxes()) {
      boxes.add(
          Map.of(
              "x", one.box().x(),
              "y", one.box().y(),
              "width", one.box().width(),
              "height", one.box().height(),
              "label", SceneRenderer.classes().get(one.classIndex())));
    }
    return Map.of(
        "id", "scene-" + index, "image", Base64.getEncoder().encodeToString(file), "boxes", boxes);
  }

  private void awaitServed(byte[] file) throws IOException, InterruptedException {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (platform.send(detection(file)).statusCode() != 200) {
      if (System.nanoTime() > end) {
        throw new IOException("the model does not serve");
      }
      Thread.sleep(200);
    }
  }

  /** Sends one picture and reads the answer. */
  public JsonNode detect(byte[] file) throws IOException, InterruptedException {
    return platform.read(platform.send(detection(file)));
  }

  private HttpRequest detection(byte[] file) {
    return platform
        .request("/api/detect?model=" + NAME + "&min_score=0.1")
        .header("Content-Type", "image/jpeg")
        .POST(HttpRequest.BodyPublishers.ofByteArray(file))
        .build();
  }

  /** A scene as a JPEG file. */
  public static byte[] jpeg(Scene scene) throws IOException {
    BufferedImage image =
        new BufferedImage(
            scene.picture().width(), scene.picture().height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = scene.picture().rgb();
    for (int i = 0; i < rgb.length / 3; i++) {
      int red = rgb[3 * i] & 0xff;
      int green = rgb[3 * i + 1] & 0xff;
      image.setRGB(
          i % image.getWidth(),
          i / image.getWidth(),
          red << 16 | green << 8 | rgb[3 * i + 2] & 0xff);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", bytes);
    return bytes.toByteArray();
  }
}
