package io.millrace.vision.evaluate;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code golden.py} made. */
final class GoldenCases {

  private GoldenCases() {}

  /** Truths and detections with what others say of them. */
  record Case(JsonNode json) {

    int classes() {
      return json.path("classes").asInt();
    }

    List<EvaluatedPicture> pictures() {
      List<EvaluatedPicture> pictures = new ArrayList<>();
      for (int image = 1; image <= json.path("images").asInt(); image++) {
        List<LabelledBox> truth = new ArrayList<>();
        for (JsonNode t : json.path("truths")) {
          if (t.path(0).asInt() == image) {
            truth.add(
                new LabelledBox(
                    box(t), t.path(1).asInt(), t.path(7).asInt() == 1, t.path(6).asDouble()));
          }
        }
        List<Detection> found = new ArrayList<>();
        for (JsonNode d : json.path("detections")) {
          if (d.path(0).asInt() == image) {
            found.add(new Detection(box(d), d.path(1).asInt(), "", d.path(6).asDouble()));
          }
        }
        pictures.add(new EvaluatedPicture(truth, found));
      }
      return pictures;
    }

    boolean hasDistinctScores() {
      List<Double> scores =
          pictures().stream()
              .flatMap(picture -> picture.detections().stream())
              .map(Detection::score)
              .toList();
      return scores.stream().distinct().count() == scores.size();
    }

    @Override
    public String toString() {
      return json.path("name").asString("random");
    }

    private static Box box(JsonNode row) {
      return new Box(
          row.path(2).asDouble(),
          row.path(3).asDouble(),
          row.path(4).asDouble(),
          row.path(5).asDouble());
    }
  }

  /** All of them, the large one of random pictures first. */
  static Stream<Case> all() {
    return Stream.concat(Stream.of(new Case(read("coco.json"))), small());
  }

  /** The small ones, which also have VOC's figures and, without crowds, TIDE's. */
  static Stream<Case> small() {
    return StreamSupport.stream(read("cases.json").spliterator(), false).map(Case::new);
  }

  static Case named(String name) {
    return small().filter(one -> one.toString().equals(name)).findFirst().orElseThrow();
  }

  private static JsonNode read(String file) {
    try (InputStream in = GoldenCases.class.getResourceAsStream(file)) {
      return JsonMapper.shared().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
