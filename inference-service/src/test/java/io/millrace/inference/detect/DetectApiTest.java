package io.millrace.inference.detect;

import static io.millrace.inference.detect.DetectRequests.file;
import static io.millrace.inference.detect.DetectRequests.form;
import static io.millrace.inference.detect.DetectRequests.noise;
import static io.millrace.inference.detect.DetectRequests.part;
import static io.millrace.inference.detect.DetectRequests.raw;
import static io.millrace.inference.detect.DetectRequests.requireRefusal;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.fixture.InferenceFixture;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Pictures in all the ways a client can send them, and what is no picture. */
class DetectApiTest {
  private static final byte[] PICTURE = noise(100, 50);
  private static final String QUERY = "?model=shapes&min_score=0&max_detections=5";
  private static final InferenceFixture SERVICE = DetectRequests.SERVICE;

  @Test
  void findsTheSameInEveryForm() throws Exception {
    HttpResponse<String> raw = SERVICE.send(raw(QUERY, "image/png", PICTURE));
    HttpResponse<String> form =
        SERVICE.send(
            form(
                part("model", "shapes")
                    + part("min_score", "0")
                    + part("max_detections", "5")
                    + file("image", PICTURE)));
    JsonNode json =
        SERVICE.post(
            "/api/detect",
            Map.of(
                "model",
                "shapes",
                "min_score",
                0,
                "max_detections",
                5,
                "image",
                Base64.getEncoder().encodeToString(PICTURE)));

    assertThat(raw.statusCode()).as(raw.body()).isEqualTo(200);
    assertThat(form.body()).isEqualTo(raw.body());
    assertThat(json).isEqualTo(InferenceFixture.JSON.readTree(raw.body()));
    assertThat(json.path("model_version").asInt()).isEqualTo(1);
    assertThat(json.path("image_width").asInt()).isEqualTo(100);
    assertThat(json.path("image_height").asInt()).isEqualTo(50);
    assertThat(json.path("detections").size()).isBetween(1, 5);
    for (JsonNode found : json.path("detections")) {
      assertThat(found.path("label").asString()).isIn("square", "wide");
      assertThat(found.path("score").asDouble()).isBetween(0.0, 1.0);
      assertThat(found.path("x").asDouble() + found.path("width").asDouble())
          .isBetween(0.0, 100.001);
    }
  }

  /** A phone held upright: what is stored lies on its side. */
  @Test
  void answersInPixelsAsAPersonSeesThem() throws Exception {
    byte[] turned = turned(PICTURE, 6);

    HttpResponse<String> answer = SERVICE.send(raw(QUERY, "image/png", turned));

    JsonNode json = InferenceFixture.JSON.readTree(answer.body());
    assertThat(json.path("image_width").asInt()).as(answer.body()).isEqualTo(50);
    assertThat(json.path("image_height").asInt()).isEqualTo(100);
    assertThat(json.path("exif_orientation").asInt()).isEqualTo(6);
    for (JsonNode found : json.path("detections")) {
      assertThat(found.path("x").asDouble() + found.path("width").asDouble())
          .isLessThanOrEqualTo(50.001);
    }
    JsonNode upright =
        InferenceFixture.JSON.readTree(SERVICE.send(raw(QUERY, "image/png", PICTURE)).body());
    assertThat(upright.has("exif_orientation")).isFalse();
  }

  /** With a chunk that holds EXIF's tag 0x0112. */
  private static byte[] turned(byte[] png, int orientation) {
    ByteBuffer chunk = ByteBuffer.allocate(38).putInt(26).putInt(0x65584966);
    chunk.put("MM\0*\0\0\0\10\0\1".getBytes(ISO_8859_1)).putShort((short) 0x0112);
    chunk.putShort((short) 3).putInt(1).putShort((short) orientation).putShort((short) 0).putInt(0);
    CRC32 crc = new CRC32();
    crc.update(chunk.array(), 4, 30);
    chunk.putInt((int) crc.getValue());
    int end = png.length - 12;
    return ByteBuffer.allocate(png.length + 38)
        .put(png, 0, end)
        .put(chunk.array())
        .put(png, end, 12)
        .array();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ?model=nobody                       | 404 | 'nobody' does not exist
          ?model=story                        | 400 | is of task language
          ``                                  | 400 | model
          ?model=shapes&min_score=1.5         | 400 | min_score must be 0 to 1
          ?model=shapes&min_score=NaN         | 400 | min_score must be a number
          ?model=shapes&max_detections=0      | 400 | max_detections must be 1 to 1000
          ?model=shapes&max_detections=many   | 400 | max_detections
          ?model=shapes&minscore=1            | 400 | unknown parameter 'minscore'
          """)
  void refusesWrongParameters(String query, int status, String message) throws Exception {
    requireRefusal(SERVICE.send(raw(query, "image/png", PICTURE)), status, message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "image/png;q=x"})
  void refusesAHeaderThatNamesNoMediaType(String accept) throws Exception {
    requireRefusal(
        SERVICE.send(DetectRequests.accepting(accept, QUERY, PICTURE)), 400, "no media type");
  }

  @Test
  void refusesWhatIsNoPicture() throws Exception {
    byte[] garbage = "surely no picture".getBytes(ISO_8859_1);
    byte[] cut = java.util.Arrays.copyOf(PICTURE, PICTURE.length - 20);

    requireRefusal(SERVICE.send(raw(QUERY, "image/png", garbage)), 400, "neither a PNG nor a JPEG");
    requireRefusal(SERVICE.send(raw(QUERY, "image/png", cut)), 400, "the picture");
    requireRefusal(SERVICE.send(raw(QUERY, "image/gif", garbage)), 415, "");
    requireRefusal(
        SERVICE.send("POST", "/api/detect", "{\"model\": \"shapes\", \"image\": \"%\"}"),
        400,
        "base64");
    requireRefusal(
        SERVICE.send("POST", "/api/detect", "{\"model\": \"shapes\"}"), 400, "image is missing");
    requireRefusal(
        SERVICE.send(
            "POST", "/api/detect", "{\"model\": \"shapes\", \"image\": \"\", \"score\": 1}"),
        400,
        "unknown field 'score'");
  }

  /** A header that promises 10^10 pixels is refused before memory is taken for them. */
  @Test
  void refusesTooManyPixelsBeforeDecodingThem() throws Exception {
    byte[] huge = PICTURE.clone();
    ByteBuffer header = ByteBuffer.wrap(huge);
    header.putInt(16, 100_000).putInt(20, 100_000);
    CRC32 crc = new CRC32();
    crc.update(huge, 12, 17);
    header.putInt(29, (int) crc.getValue());

    requireRefusal(
        SERVICE.send(raw(QUERY, "image/png", huge)), 400, "100000 x 100000 pixels are too many");
  }

  @Test
  void refusesTooManyBytes() throws Exception {
    byte[] large = new byte[(16 << 20) + 1];

    requireRefusal(SERVICE.send(raw(QUERY, "image/png", large)), 413, "larger than the limit");
    HttpRequest unannounced =
        SERVICE
            .request("/api/detect" + QUERY)
            .header("Content-Type", "image/png")
            .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
            .build();
    requireRefusal(SERVICE.send(unannounced), 413, "larger than the limit");
  }

  @Test
  void refusesFormsWithAnythingElse() throws Exception {
    String model = part("model", "shapes");
    String image = file("image", PICTURE);

    requireRefusal(SERVICE.send(form(model)), 400, "one file, image");
    requireRefusal(SERVICE.send(form(model + image + image)), 400, "one file, image");
    requireRefusal(SERVICE.send(form(model + image + part("score", "1"))), 400, "one file, image");
    requireRefusal(
        SERVICE.send(form(model + image + file("mask", PICTURE))), 400, "one file, image");
    requireRefusal(SERVICE.send(form(image)), 400, "model");
  }
}
