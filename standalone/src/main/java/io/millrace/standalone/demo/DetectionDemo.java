package io.millrace.standalone.demo;

import io.millrace.contracts.Tasks;
import io.millrace.standalone.terminal.ProgressBar;
import io.millrace.standalone.terminal.UserError;
import io.millrace.vision.annotation.NamedBox;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.evaluate.CocoEvaluator;
import io.millrace.vision.evaluate.CocoResult;
import io.millrace.vision.picture.BoxPainter;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import io.millrace.vision.picture.PictureWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Pictures into Kafka, a detector out of it, and its boxes on pictures that it has never seen. */
final class DetectionDemo {

  private static final int PICTURES_DRAWN = 12;
  private static final double DRAWN_SCORE = 0.35;
  private static final int DRAWN_SIDE = 512;
  private static final double LEAST_SCORE = 0.02;

  private final GatewayClient gateway;
  private final PrintStream out;
  private final Plan plan;

  /**
   * What to do.
   *
   * @param name of the dataset and of the model
   * @param pictures what to learn from and what to be judged on
   * @param preset model configuration
   * @param steps optimizer steps
   * @param checkpoints to publish on the way, besides the untrained model
   * @param directory where pictures with boxes go
   */
  record Plan(
      String name,
      PictureSet pictures,
      String preset,
      long steps,
      int checkpoints,
      Path directory) {}

  DetectionDemo(GatewayClient gateway, PrintStream out, Plan plan) {
    this.gateway = gateway;
    this.out = out;
    this.plan = plan;
  }

  DemoReport.Detection run() {
    plan.pictures().notes().forEach(note -> out.println("note: " + note));
    JsonNode counts = Stage.of("prepare the pictures", this::prepare);
    return Stage.of("train and serve the detector", () -> learn(counts));
  }

  private JsonNode prepare() {
    createDataset();
    new DocumentUpload(gateway, plan.name(), "pictures")
        .send(plan.pictures().train(), DetectionDemo::json);
    return seal();
  }

  private DemoReport.Detection learn(JsonNode counts) {
    DemoRun run =
        DemoRun.start(
            gateway, Tasks.DETECTION, plan.name(), plan.preset(), plan.steps(), plan.checkpoints());
    DemoPicture probe = plan.pictures().unseen().getFirst();
    DemoRun.Result learned = run.follow("pictures", () -> detect(probe, DRAWN_SCORE), out);
    JsonNode progress = learned.progress();
    long begin = System.nanoTime();
    CocoResult result = judge();
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new DemoReport.Detection(
        counts.path("documents").asLong(),
        counts.path("boxes").asLong(),
        progress.path("step").asLong(),
        progress.path("first_loss").asDouble(),
        progress.path("loss").asDouble(),
        result.map50(),
        result.map(),
        progress.path("average_rate").asDouble(),
        plan.pictures().unseen().size() / seconds,
        learned.checkpoints(),
        learned.swaps(),
        learned.requests(),
        learned.requestsFailed());
  }

  private void createDataset() {
    gateway.post(
        "/api/datasets",
        Map.of(
            "name", plan.name(),
            "kind", "images",
            "image_width", plan.pictures().width(),
            "image_height", plan.pictures().height(),
            "classes", plan.pictures().classes()));
  }

  private static Map<String, Object> json(DemoPicture picture) {
    List<Map<String, Object>> boxes = new ArrayList<>();
    for (NamedBox named : picture.boxes()) {
      boxes.add(
          Map.of(
              "x", named.box().x(),
              "y", named.box().y(),
              "width", named.box().width(),
              "height", named.box().height(),
              "label", named.label(),
              "crowd", named.crowd(),
              "area", named.area()));
    }
    return Map.of(
        "id", picture.id(),
        "image", Base64.getEncoder().encodeToString(picture.encoded()),
        "boxes", boxes);
  }

  private JsonNode seal() {
    gateway.post("/api/datasets/" + plan.name() + "/snapshots", Map.of());
    JsonNode counts =
        DatasetCounts.ofAll(gateway, plan.name(), plan.pictures().train().size(), "pictures");
    out.printf(
        "%-12s %,d pictures, %,d boxes%n",
        "prepared", counts.path("documents").asLong(), counts.path("boxes").asLong());
    return counts;
  }

  private List<Detection> detect(DemoPicture picture, double minScore) {
    byte[] encoded = picture.encoded();
    JsonNode answer =
        gateway.post(
            "/api/detect?model=" + plan.name() + "&min_score=" + minScore,
            DemoPicture.mediaType(encoded),
            encoded);
    List<Detection> found = new ArrayList<>();
    for (JsonNode one : answer.path("detections")) {
      String label = one.path("label").asString();
      found.add(
          new Detection(
              new Box(
                  one.path("x").asDouble(),
                  one.path("y").asDouble(),
                  one.path("width").asDouble(),
                  one.path("height").asDouble()),
              plan.pictures().classes().indexOf(label),
              label,
              one.path("score").asDouble()));
    }
    return found;
  }

  private CocoResult judge() {
    CocoEvaluator evaluator = new CocoEvaluator(plan.pictures().classes().size());
    List<DemoPicture> unseen = plan.pictures().unseen();
    try (ProgressBar bar = ProgressBar.of("detecting")) {
      for (int i = 0; i < unseen.size(); i++) {
        DemoPicture picture = unseen.get(i);
        List<Detection> found = detect(picture, LEAST_SCORE);
        evaluator.add(truth(picture), found);
        if (i < PICTURES_DRAWN) {
          draw(picture, found);
        }
        bar.update(i + 1, unseen.size(), (i + 1) + " unseen pictures");
      }
    }
    out.println("pictures with the boxes that were found: " + plan.directory().toAbsolutePath());
    return evaluator.evaluate();
  }

  private List<LabelledBox> truth(DemoPicture picture) {
    return picture.boxes().stream()
        .map(named ->
            new LabelledBox(
                named.box(),
                plan.pictures().classes().indexOf(named.label()),
                named.crowd(),
                named.area()))
        .toList();
  }

  private void draw(DemoPicture picture, List<Detection> found) {
    try {
      Files.createDirectories(plan.directory());
      Picture seen =
          new PictureReader(PictureLimits.defaults()).read(picture.encoded(), picture.id());
      // Names of small things in small pictures could not be read.
      int times = Math.max(1, DRAWN_SIDE / Math.max(seen.width(), seen.height()));
      List<Detection> sure =
          drawn(found, picture.boxes().size()).stream()
              .map(d ->
                  new Detection(
                      d.box().transform(times, 0, 0), d.classIndex(), d.label(), d.score()))
              .toList();
      PictureWriter.writePng(
          BoxPainter.paint(seen.enlarged(times), sure),
          plan.directory().resolve(fileName(picture.id())));
    } catch (IOException e) {
      throw new UserError("--out " + plan.directory() + " cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * What is drawn of detections by falling score: those that are sure enough; where they are fewer
   * than the objects, as after a short training whose scores are low, as many of the best as there
   * are objects.
   */
  static List<Detection> drawn(List<Detection> found, int objects) {
    long sure = found.stream().filter(one -> one.score() >= DRAWN_SCORE).count();
    return found.stream().limit(Math.max(sure, objects)).toList();
  }

  /** Ids of pictures of a folder may have their ending. */
  static String fileName(String id) {
    return id.replaceFirst("\\.(?i:png|jpe?g)$", "").replaceAll("[^A-Za-z0-9._-]", "_") + ".png";
  }
}
