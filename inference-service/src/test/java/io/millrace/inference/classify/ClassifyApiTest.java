package io.millrace.inference.classify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.contracts.inference.v1.ClassifyInput;
import io.millrace.contracts.inference.v1.ClassifyRequest;
import io.millrace.contracts.inference.v1.ClassifyResponse;
import io.millrace.contracts.inference.v1.ClassifyRow;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.TinyModels;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Rows, texts and pictures in all the ways a client can send them, and what is none of them. */
class ClassifyApiTest {

  private static final InferenceFixture SERVICE = InferenceFixture.shared();
  private static final byte[] RED = PictureWriter.png(Picture.filled(50, 40, 220, 20, 20));
  private static final byte[] BLUE = PictureWriter.png(Picture.filled(20, 30, 20, 20, 220));

  private static JsonNode classify(String model, Object... inputs) throws Exception {
    return SERVICE.post("/api/classify", Map.of("model", model, "inputs", List.of(inputs)));
  }

  private static List<String> labels(JsonNode answer) {
    return answer.path("results").valueStream().map(one -> one.path("label").asString()).toList();
  }

  @Test
  void classifiesRowsWhateverTheOrderOfTheirColumns() throws Exception {
    JsonNode answer =
        classify("rows", Map.of("length", 1.5, "width", 4), Map.of("width", 5, "length", 9));
    assertThat(answer.path("model").asString()).isEqualTo("rows");
    assertThat(answer.path("model_version").asInt()).isEqualTo(1);
    assertThat(labels(answer)).containsExactly("low", "high");
    JsonNode first = answer.path("results").path(0);
    assertThat(first.path("probability").asDouble()).isGreaterThan(0.5);
    assertThat(first.path("classes").size()).isEqualTo(2);
    assertThat(first.path("classes").path(0).path("probability").asDouble())
        .isEqualTo(first.path("probability").asDouble());
    assertThat(
            first
                .path("classes")
                .valueStream()
                .mapToDouble(c -> c.path("probability").asDouble())
                .sum())
        .isEqualTo(1, within(1e-9));
  }

  /** More than are computed in one step: each answer belongs to its input. */
  @Test
  void answersInTheOrderOfTheInputs() throws Exception {
    Object[] rows =
        IntStream.range(0, 1500)
            .mapToObj(i -> Map.of("length", i % 3 == 0 ? 9 : 1, "width", 4))
            .toArray();
    List<String> labels = labels(classify("rows", rows));
    assertThat(labels).hasSize(1500);
    for (int i = 0; i < 1500; i++) {
      assertThat(labels.get(i)).isEqualTo(i % 3 == 0 ? "high" : "low");
    }
  }

  @Test
  void classifiesTexts() throws Exception {
    assertThat(labels(classify("texts", "the river", "mill wheel", "the river turns")))
        .containsExactly("low", "high", "low");
  }

  @Test
  void classifiesPicturesInEveryForm() throws Exception {
    String red = Base64.getEncoder().encodeToString(RED);
    JsonNode json =
        classify(
            "shades", red, "data:image/png;base64," + Base64.getEncoder().encodeToString(BLUE));
    assertThat(labels(json)).containsExactly("low", "high");
    HttpResponse<String> raw =
        SERVICE.send(
            SERVICE
                .request("/api/classify?model=shades")
                .header("Content-Type", "image/png")
                .POST(BodyPublishers.ofByteArray(RED))
                .build());
    assertThat(raw.statusCode()).as(raw.body()).isEqualTo(200);
    JsonNode alone = InferenceFixture.JSON.readTree(raw.body()).at("/results/0");
    JsonNode together = json.at("/results/0");
    assertThat(alone.path("label")).isEqualTo(together.path("label"));
    assertThat(alone.at("/classes/1/label")).isEqualTo(together.at("/classes/1/label"));
    // Sums of a batch of one and of a batch of two are rounded differently.
    for (String probability :
        List.of("/probability", "/classes/0/probability", "/classes/1/probability")) {
      assertThat(alone.at(probability).asDouble())
          .isCloseTo(together.at(probability).asDouble(), within(1e-6));
    }
    String form =
        "--cut\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nshades\r\n"
            + "--cut\r\nContent-Disposition: form-data; name=\"top_k\"\r\n\r\n1\r\n"
            + file(RED)
            + file(BLUE)
            + "--cut--\r\n";
    JsonNode sent = InferenceFixture.JSON.readTree(form(form).body());
    assertThat(labels(sent)).containsExactly("low", "high");
    assertThat(sent.path("results").path(0).path("classes").size()).isEqualTo(1);
  }

  private static String file(byte[] bytes) {
    return "--cut\r\nContent-Disposition: form-data; name=\"inputs\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n%s\r\n"
        .formatted(new String(bytes, ISO_8859_1));
  }

  private static HttpResponse<String> form(String parts) throws Exception {
    return SERVICE.send(
        SERVICE
            .request("/api/classify")
            .header("Content-Type", "multipart/form-data; boundary=cut")
            .POST(BodyPublishers.ofString(parts, ISO_8859_1))
            .build());
  }

  @Test
  void answersTheSameOverGrpc() throws Exception {
    JsonNode rest = classify("rows", Map.of("length", 1.5, "width", 4));
    ClassifyResponse row =
        SERVICE
            .grpc()
            .classify(
                ClassifyRequest.newBuilder()
                    .setModel("rows")
                    .addInputs(
                        ClassifyInput.newBuilder()
                            .setRow(
                                ClassifyRow.newBuilder()
                                    .putNumbers("length", 1.5)
                                    .putNumbers("width", 4)))
                    .build());
    assertThat(row.getModelVersion()).isEqualTo(1);
    assertThat(row.getResults(0).getClassesList()).hasSize(2);
    assertThat(row.getResults(0).getClasses(0).getLabel()).isEqualTo("low");
    assertThat(row.getResults(0).getClasses(0).getProbability())
        .isEqualTo(rest.path("results").path(0).path("probability").asDouble());
    ClassifyResponse text =
        SERVICE
            .grpc()
            .classify(
                ClassifyRequest.newBuilder()
                    .setModel("texts")
                    .setTopK(1)
                    .addInputs(ClassifyInput.newBuilder().setText("mill wheel"))
                    .build());
    assertThat(text.getResults(0).getClassesList()).hasSize(1);
    assertThat(text.getResults(0).getClasses(0).getLabel()).isEqualTo("high");
    ClassifyResponse picture =
        SERVICE
            .grpc()
            .classify(
                ClassifyRequest.newBuilder()
                    .setModel("shades")
                    .addInputs(ClassifyInput.newBuilder().setImage(ByteString.copyFrom(BLUE)))
                    .build());
    assertThat(picture.getResults(0).getClasses(0).getLabel()).isEqualTo("high");
    ClassifyRequest empty =
        ClassifyRequest.newBuilder()
            .setModel("rows")
            .addInputs(ClassifyInput.getDefaultInstance())
            .build();
    assertThatThrownBy(() -> SERVICE.grpc().classify(empty))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e).hasMessageContaining("inputs[0] has no text, row or image");
            });
  }

  static Stream<Arguments> refusals() {
    Map<String, Integer> good = Map.of("length", 1, "width", 2);
    return Stream.of(
        Arguments.of(
            "rows",
            List.of(good, Map.of("length", 1)),
            "inputs[1] has no column 'width'; the model takes length, width"),
        Arguments.of(
            "rows",
            List.of(Map.of("length", 1, "width", 2, "depth", 3)),
            "inputs[0] has a column 'depth' that the model does not know"),
        Arguments.of(
            "rows",
            List.of(Map.of("length", "1", "width", 2)),
            "inputs[0]: column 'length' must be a number, it is the text '1'"),
        Arguments.of(
            "rows",
            List.of(Map.of("length", true, "width", 2)),
            "column 'length' must be a number, it is true"),
        Arguments.of(
            "rows",
            List.of(Map.of("length", 1e39, "width", 2)),
            "inputs[0] has 1.0E39 in column 'length', which is no finite number"),
        Arguments.of("rows", List.of("a text"), "inputs[0] is a text, the model takes rows"),
        Arguments.of(
            "rows", List.of(17), "inputs[0] must be a text, a picture in base64 or an object"),
        Arguments.of("rows", List.of(), "inputs is missing"),
        Arguments.of("rows", Collections.nCopies(4097, good), "can have 4096 inputs, it has 4097"),
        Arguments.of("texts", List.of("mill", good), "inputs[1] is a row, the model takes texts"),
        Arguments.of("texts", List.of("  "), "inputs[0] is an empty text"),
        Arguments.of("texts", List.of("x ".repeat(40_000)), "a text can have 32767"),
        Arguments.of("shades", List.of(good), "inputs[0] is a row, the model takes pictures"),
        Arguments.of(
            "shades",
            List.of("no picture!"),
            "inputs[0] is not the base64 form of a PNG or JPEG file"),
        Arguments.of("shades", List.of("data:image/png,abc"), "inputs[0] must be a data URL"),
        Arguments.of("shades", List.of("AAAA"), "inputs[0]"),
        Arguments.of("shades", Collections.nCopies(65, "AAAA"), "can have 64 inputs"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusesWhatTheModelDoesNotTake(String model, List<?> inputs, String message)
      throws Exception {
    HttpResponse<String> answer =
        SERVICE.send(
            "POST",
            "/api/classify",
            InferenceFixture.JSON.writeValueAsString(Map.of("model", model, "inputs", inputs)));
    requireRefusal(answer, 400, message);
  }

  private static void requireRefusal(HttpResponse<String> answer, int status, String message) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(InferenceFixture.JSON.readTree(answer.body()).path("detail").asString())
        .contains(message);
  }

  @Test
  void refusesOtherModelsAndUnknownParameters() throws Exception {
    String row = "\"inputs\": [{\"length\": 1, \"width\": 2}]";
    requireRefusal(
        SERVICE.send("POST", "/api/classify", "{\"model\": \"story\", " + row + "}"), 400, "story");
    requireRefusal(
        SERVICE.send("POST", "/api/classify", "{\"model\": \"none\", " + row + "}"), 404, "none");
    requireRefusal(SERVICE.send("POST", "/api/classify", "{" + row + "}"), 400, "model is missing");
    requireRefusal(
        SERVICE.send("POST", "/api/classify", "{\"model\": \"rows\", \"top_k\": 0, " + row + "}"),
        400,
        "top_k must be at least 1, it is 0");
    requireRefusal(
        SERVICE.send("POST", "/api/classify", "{\"model\": \"rows\", \"topk\": 1, " + row + "}"),
        400,
        "topk");
    requireRefusal(
        SERVICE.send(
            SERVICE
                .request("/api/classify?model=shades&min_score=1")
                .header("Content-Type", "image/png")
                .POST(BodyPublishers.ofByteArray(RED))
                .build()),
        400,
        "unknown parameter 'min_score'; known are model and top_k");
    requireRefusal(form("--cut--\r\n"), 400, "files named inputs");
  }

  @Test
  void loadsNoClassifierOfTextsWithoutItsTokenizer(@TempDir Path folder) throws IOException {
    TinyModels.textClassifier(folder);
    Files.delete(folder.resolve("tokenizer.json"));
    ClassificationLoader loader = new ClassificationLoader(TensorEngine.start("cpu"));
    assertThatThrownBy(() -> loader.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tokenizer.json");
  }
}
