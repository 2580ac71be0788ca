package io.millrace.inference.detect;

import static io.millrace.inference.detect.DetectRequests.SERVICE;
import static io.millrace.inference.detect.DetectRequests.accepting;
import static io.millrace.inference.detect.DetectRequests.file;
import static io.millrace.inference.detect.DetectRequests.form;
import static io.millrace.inference.detect.DetectRequests.noise;
import static io.millrace.inference.detect.DetectRequests.part;
import static io.millrace.inference.detect.DetectRequests.raw;
import static io.millrace.inference.detect.DetectRequests.requireRefusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Several pictures, drawn boxes, suppression, slices and scales. */
class DetectOptionsApiTest {
  private static final byte[] WIDE = noise(200, 100);
  private static final byte[] SMALL = noise(40, 30);
  private static final String QUERY = "?model=shapes&min_score=0&max_detections=1000";

  private static JsonNode found(String options) throws Exception {
    HttpResponse<String> answer = SERVICE.send(raw(QUERY + options, "image/png", WIDE));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return InferenceFixture.JSON.readTree(answer.body()).path("detections");
  }

  private static JsonNode alone(byte[] picture) throws Exception {
    return InferenceFixture.JSON.readTree(
        SERVICE.send(raw("?model=shapes&min_score=0", "image/png", picture)).body());
  }

  private static String base64(byte[] picture) {
    return Base64.getEncoder().encodeToString(picture);
  }

  @Test
  void findsInSeveralPicturesWhatEachAloneHas() throws Exception {
    JsonNode json =
        SERVICE.post(
            "/api/detect",
            Map.of(
                "model",
                "shapes",
                "min_score",
                0,
                "images",
                List.of(base64(WIDE), base64(SMALL), base64(WIDE))));
    HttpResponse<String> form =
        SERVICE.send(
            form(
                part("model", "shapes")
                    + part("min_score", "0")
                    + file("images", WIDE)
                    + file("images", SMALL)
                    + file("images", WIDE)));

    assertThat(form.statusCode()).as(form.body()).isEqualTo(200);
    assertThat(InferenceFixture.JSON.readTree(form.body())).isEqualTo(json);
    assertThat(json.propertyNames()).containsExactly("model", "model_version", "images");
    List<byte[]> pictures = List.of(WIDE, SMALL, WIDE);
    assertThat(json.path("images").size()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      JsonNode one = json.path("images").path(i);
      JsonNode alone = alone(pictures.get(i));
      assertThat(one.path("image_width")).isEqualTo(alone.path("image_width"));
      assertThat(one.path("detections")).isEqualTo(alone.path("detections"));
    }
  }

  @Test
  void onePictureInAListIsAList() throws Exception {
    JsonNode json =
        SERVICE.post("/api/detect", Map.of("model", "shapes", "images", List.of(base64(SMALL))));

    assertThat(json.path("images").size()).isEqualTo(1);
    assertThat(json.has("detections")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "min_score=0x1p-1, min_score must be a number",
    "min_score=0.5f, min_score must be a number",
    "nms_threshold=NaN, nms_threshold must be a number",
    "max_detections=0x10, max_detections must be a whole number",
    "slice_size=64&slice_overlap=.2d, slice_overlap must be a number"
  })
  void refusesNumbersThatOnlyProgramsWrite(String option, String reason) throws Exception {
    requireRefusal(SERVICE.send(raw("?model=shapes&" + option, "image/png", SMALL)), 400, reason);
  }

  @Test
  void refusesAFieldThatIsThereTwice() throws Exception {
    String body =
        "{\"model\": \"shapes\", \"image\": \"%s\", \"min_score\": 0.1, \"min_score\": 0.9}"
            .formatted(base64(SMALL));
    requireRefusal(
        SERVICE.send(
            SERVICE
                .request("/api/detect")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build()),
        400,
        "field 'min_score' is there twice");
  }

  @Test
  void refusesSeveralPicturesWithAnythingWrong() throws Exception {
    requireRefusal(json(Map.of("images", List.of())), 400, "1 to 64 pictures, it has 0");
    requireRefusal(
        json(Map.of("images", Collections.nCopies(65, base64(SMALL)))), 400, "it has 65");
    requireRefusal(
        json(Map.of("image", base64(SMALL), "images", List.of(base64(SMALL)))),
        400,
        "image or images, not both");
    requireRefusal(
        json(Map.of("images", List.of(base64(SMALL), "%"))), 400, "images[1] is not the base64");
    requireRefusal(
        json(Map.of("images", List.of(base64(SMALL), base64(new byte[] {1})))), 400, "images[1]: ");
    String model = part("model", "shapes");
    requireRefusal(
        SERVICE.send(form(model + file("image", SMALL) + file("images", SMALL))),
        400,
        "one file, image, or several, images");
    requireRefusal(
        SERVICE.send(form(model + part("model", "shapes") + file("images", SMALL))),
        400,
        "model is given 2 times");
  }

  private static HttpResponse<String> json(Map<String, ?> fields) throws Exception {
    Map<String, Object> body = new HashMap<>(fields);
    body.put("model", "shapes");
    return SERVICE.send("POST", "/api/detect", InferenceFixture.JSON.writeValueAsString(body));
  }

  /** A frame is drawn for everything that is found, and nothing else of the picture changes. */
  @ParameterizedTest
  @CsvSource({
    "image/png,image/png",
    "image/jpeg,image/jpeg",
    "'image/png;q=0.5, image/jpeg',image/jpeg"
  })
  void drawsBoxes(String accept, String type) throws Exception {
    HttpResponse<byte[]> answer =
        SERVICE.send(
            accepting(accept, "?model=shapes&min_score=0&max_detections=2", WIDE),
            BodyHandlers.ofByteArray());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue(type);
    PictureReader reader = new PictureReader(PictureLimits.defaults());
    Picture drawn = reader.read(answer.body(), "the answer");
    Picture original = reader.read(WIDE, "the picture");
    assertThat(List.of(drawn.width(), drawn.height())).containsExactly(200, 100);
    if (type.equals("image/png")) {
      assertThat(drawn).isNotEqualTo(original);
      int same = 0;
      for (int i = 0; i < original.rgb().length; i++) {
        same += original.rgb()[i] == drawn.rgb()[i] ? 1 : 0;
      }
      assertThat(same).isGreaterThan(original.rgb().length / 4);
    }
  }

  @Test
  void answersJsonToWhoTakesEverything() throws Exception {
    for (String accept : List.of("*/*", "application/json", "text/html, */*;q=0.1")) {
      HttpResponse<String> answer = SERVICE.send(accepting(accept, QUERY, WIDE));
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    }
    assertThat(SERVICE.send(accepting("text/html", QUERY, WIDE)).statusCode()).isEqualTo(406);
  }

  @Test
  void refusesToDrawSeveralAndSaysSoInJson() throws Exception {
    HttpResponse<String> several =
        SERVICE.send(
            SERVICE
                .request("/api/detect")
                .header("Content-Type", "application/json")
                .header("Accept", "image/png")
                .POST(
                    java.net.http.HttpRequest.BodyPublishers.ofString(
                        InferenceFixture.JSON.writeValueAsString(
                            Map.of(
                                "model",
                                "shapes",
                                "images",
                                List.of(base64(SMALL), base64(SMALL))))))
                .build());
    requireRefusal(several, 400, "one picture of a request, it has 2");
    requireRefusal(
        SERVICE.send(accepting("image/png", "?model=nobody", SMALL)), 404, "does not exist");
  }

  /** No two boxes that are left overlap by more than what was asked for. */
  @Test
  void suppresses() throws Exception {
    assertThat(found("")).as("this detector has no rule of its own").isEqualTo(found("&nms=none"));
    String slices = "&slice_size=64";
    int all = found(slices + "&nms=none").size();
    JsonNode within = found(slices + "&nms=iou&nms_threshold=0");
    JsonNode agnostic = found(slices + "&nms=iou&nms_threshold=0&nms_agnostic=true");
    JsonNode smaller = found(slices + "&nms=ios&nms_threshold=0");
    assertThat(within.size()).isBetween(1, all - 1);
    assertThat(agnostic.size()).isLessThanOrEqualTo(within.size());
    assertThat(smaller.size()).isLessThanOrEqualTo(within.size());
    List<JsonNode> boxes = new ArrayList<>();
    agnostic.forEach(boxes::add);
    for (JsonNode one : boxes) {
      for (JsonNode other : boxes) {
        assertThat(one == other || iou(one, other) < 1e-3).isTrue();
      }
    }
    assertThat(found("&nms=soft-linear").size()).isPositive();
    assertThat(found("&nms=merge").size()).isEqualTo(found("&nms=ios").size());
    assertThat(found("&nms=soft-gaussian&nms_threshold=0.3").path(0))
        .isEqualTo(found("&nms=none").path(0));
  }

  private static double iou(JsonNode one, JsonNode other) {
    return box(one).iou(box(other));
  }

  private static io.millrace.vision.box.Box box(JsonNode json) {
    return new io.millrace.vision.box.Box(
        json.path("x").asDouble(),
        json.path("y").asDouble(),
        json.path("width").asDouble(),
        json.path("height").asDouble());
  }

  @Test
  void looksAtSlicesAndScales() throws Exception {
    JsonNode whole = found("&nms=none");
    JsonNode sliced = found("&slice_size=64&nms=none");
    JsonNode scaled = found("&scales=2:0-12,1:10-&nms=none");

    assertThat(sliced.size()).isGreaterThan(whole.size());
    assertThat(found("&slice_size=64&nms=ios&nms_threshold=0").size())
        .isBetween(1, sliced.size() - 1);
    assertThat(scaled.size()).isPositive();
    for (JsonNode one : found("&scales=1:0-10")) {
      assertThat(Math.sqrt(box(one).area())).isLessThanOrEqualTo(10);
    }
    assertThat(found("&slice_size=200")).as("one slice is the whole").isEqualTo(found("&nms=ios"));
    JsonNode json =
        SERVICE.post(
            "/api/detect",
            Map.of(
                "model",
                "shapes",
                "image",
                base64(WIDE),
                "min_score",
                0,
                "max_detections",
                1000,
                "nms",
                "none",
                "slice_size",
                64));
    assertThat(json.path("detections")).isEqualTo(sliced);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          &nms=fast                              | nms must be none, iou, ios
          &nms=iou&nms_threshold=2               | nms_threshold must be 0 to 1
          &nms=soft-gaussian&nms_threshold=0     | sigma of soft-gaussian
          &nms_threshold=0.5                     | need an nms too
          &nms=none&nms_agnostic=true            | leave them out
          &nms=iou&nms_agnostic=maybe            | nms_agnostic must be true or false
          &slice_size=0                          | slice_size must be at least 1
          &slice_size=big                        | slice_size must be a whole number
          &slice_overlap=0.2                     | needs a slice_size
          &slice_size=64&slice_overlap=0.95      | slice_overlap must be 0 to 0.9
          &slice_size=64&scales=1                | in slices or at scales, not both
          &slice_size=3                          | at most 256 are done for a request
          &scales=16,16:0-9                      | at most 256 are done for a request
          &scales=1,2x                           | '2x' is none
          &scales=0                              | a scale must be above 0
          &scales=1:30-20                        | must not end before it begins
          &scales=1,1,1,1,1,1,1,1,1              | at most 8, there are 9
          &max_detections=5&max_detections=6     | max_detections is given 2 times
          """)
  void refusesWrongOptions(String options, String message) throws Exception {
    requireRefusal(SERVICE.send(raw("?model=shapes" + options, "image/png", WIDE)), 400, message);
  }
}
