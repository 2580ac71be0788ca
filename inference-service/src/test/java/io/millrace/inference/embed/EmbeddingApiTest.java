package io.millrace.inference.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.millrace.contracts.inference.v1.EmbedRequest;
import io.millrace.contracts.inference.v1.EmbedResponse;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.TinyEncoders;
import io.millrace.inference.fixture.TinyModels;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Vectors of a language model, and of encoders of texts and of pictures. */
class EmbeddingApiTest {
  private static final String OPENAI = "/v1/embeddings";
  private static final String OWN = "/api/embeddings";
  private static final String TEXT = "the river turns the mill wheel";
  private static final InferenceFixture SERVICE = InferenceFixture.shared();

  @ParameterizedTest
  @CsvSource({"story", "phrases"})
  void aTextAndItsTokensHaveOneVectorOfLengthOne(String model) throws Exception {
    int[] ids = TinyModels.TOKENIZER.encode(TEXT);
    JsonNode plain = SERVICE.post(OPENAI, body(model, TEXT));
    float[] vector = vector(plain, 0);
    double squares = 0;
    for (float value : vector) {
      squares += value * value;
    }
    assertThat(squares).isCloseTo(1, within(1e-5));
    assertThat(plain.path("object").asString()).isEqualTo("list");
    assertThat(plain.path("model").asString()).isEqualTo(model);
    assertThat(plain.at("/data/0/object").asString()).isEqualTo("embedding");
    assertThat(plain.at("/usage/prompt_tokens").asInt()).isEqualTo(ids.length);
    assertThat(plain.at("/usage/total_tokens").asInt()).isEqualTo(ids.length);
    for (Object input : List.of(ids, List.of(TEXT), List.of(ids))) {
      assertThat(SERVICE.post(OPENAI, body(model, input))).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @CsvSource({"story", "phrases"})
  void manyTextsHaveTheVectorsOfEachInTheirOrder(String model) throws Exception {
    List<String> texts = List.of(TEXT, "the mill", "wheel, wheel, wheel", "the river ".repeat(900));
    JsonNode together = SERVICE.post(OPENAI, body(model, texts));
    assertThat(together.path("data").size()).isEqualTo(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      assertThat(together.at("/data/%d/index".formatted(i)).asInt()).isEqualTo(i);
      assertThat(vector(together, i))
          .containsExactly(
              vector(SERVICE.post(OPENAI, body(model, texts.get(i))), 0), within(1e-5f));
    }
    assertThat(vector(together, 0)).isNotEqualTo(vector(together, 1));
  }

  @Test
  void base64HoldsTheSameNumbers() throws Exception {
    Map<String, Object> wanted = body("story", TEXT);
    wanted.put("encoding_format", "base64");
    ByteBuffer bytes =
        ByteBuffer.wrap(
                Base64.getDecoder()
                    .decode(SERVICE.post(OPENAI, wanted).at("/data/0/embedding").asString()))
            .order(ByteOrder.LITTLE_ENDIAN);
    float[] numbers = new float[bytes.remaining() / 4];
    bytes.asFloatBuffer().get(numbers);
    assertThat(numbers).isEqualTo(vector(SERVICE.post(OPENAI, body("story", TEXT)), 0));
  }

  @Test
  void fewerDimensionsAreTheFirstAtLengthOne() throws Exception {
    float[] whole = vector(SERVICE.post(OPENAI, body("story", TEXT)), 0);
    Map<String, Object> wanted = body("story", TEXT);
    wanted.put("dimensions", 2);
    float[] two = vector(SERVICE.post(OPENAI, wanted), 0);
    assertThat(two).hasSize(2);
    assertThat(two[0] * two[0] + two[1] * two[1]).isCloseTo(1, within(1e-5f));
    assertThat(two[0] / two[1]).isCloseTo(whole[0] / whole[1], within(1e-3f));
  }

  @Test
  void poolingIsALanguageModelsChoice() throws Exception {
    JsonNode mean = SERVICE.post(OWN, Map.of("model", "story", "texts", List.of(TEXT)));
    assertThat(
            SERVICE.post(OWN, Map.of("model", "story", "texts", List.of(TEXT), "pooling", "mean")))
        .isEqualTo(mean);
    JsonNode last =
        SERVICE.post(OWN, Map.of("model", "story", "texts", List.of(TEXT), "pooling", "last"));
    assertThat(last.path("embeddings")).isNotEqualTo(mean.path("embeddings"));
    assertThat(last.path("tokens")).isEqualTo(mean.path("tokens"));
    refused(
        OWN,
        "{\"model\": \"phrases\", \"texts\": [\"a\"], \"pooling\": \"mean\"}",
        "pooling is for language models; this encoder learned with");
  }

  @Test
  void picturesComeAsDataUrlsOrBase64() throws Exception {
    String red = base64(Picture.filled(40, 20, 250, 10, 10));
    String blue = base64(Picture.filled(32, 32, 10, 10, 250));
    JsonNode answer =
        SERVICE.post(
            OWN,
            Map.of("model", "crops", "images", List.of("DATA:image/PNG;Base64," + red, red, blue)));
    assertThat(answer.path("model_version").asInt()).isOne();
    assertThat(answer.path("dimensions").asInt()).isEqualTo(TinyEncoders.WIDTH);
    JsonNode vectors = answer.path("embeddings");
    assertThat(vectors.size()).isEqualTo(3);
    // Sums are rounded differently in other places of a batch, and in batches of other sizes.
    assertThat(numbers(vectors.path(0)))
        .containsExactly(numbers(vectors.path(1)), within(1e-5f))
        .isNotEqualTo(numbers(vectors.path(2)));

    EmbedResponse rpc =
        SERVICE
            .grpc()
            .embed(
                EmbedRequest.newBuilder()
                    .setModel("crops")
                    .addImages(ByteString.copyFrom(Base64.getDecoder().decode(blue)))
                    .build());
    assertThat(rpc.getModelVersion()).isOne();
    float[] expected = numbers(vectors.path(2));
    assertThat(rpc.getEmbeddings(0).getValuesList()).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(rpc.getEmbeddings(0).getValues(i)).isCloseTo(expected[i], within(1e-5f));
    }
  }

  @Test
  void grpcFollowsTheRulesOfRest() throws Exception {
    EmbedResponse texts =
        SERVICE
            .grpc()
            .embed(
                EmbedRequest.newBuilder()
                    .setModel("story")
                    .addTexts(TEXT)
                    .setDimensions(4)
                    .build());
    assertThat(texts.getTokens()).isEqualTo(TinyModels.TOKENIZER.encode(TEXT).length);
    JsonNode rest =
        SERVICE.post(OWN, Map.of("model", "story", "texts", List.of(TEXT), "dimensions", 4));
    assertThat(texts.getEmbeddings(0).getValuesList())
        .containsExactlyElementsOf(
            rest.at("/embeddings/0").valueStream().map(JsonNode::floatValue).toList());
    assertThatThrownBy(
            () -> SERVICE.grpc().embed(EmbedRequest.newBuilder().setModel("story").build()))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("a request has either texts or images");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /v1/embeddings | {"input": "a"} | model is missing
          /v1/embeddings | {"model": "story"} | input must be a text
          /v1/embeddings | {"model": "story", "input": []} | input must be a text
          /v1/embeddings | {"model": "story", "input": {"text": "a"}} | input must be a text
          /v1/embeddings | {"model": "story", "input": ""} | input is empty
          /v1/embeddings | {"model": "story", "input": ["a", ""]} | input[1] is empty
          /v1/embeddings | {"model": "story", "input": ["a", 5]} | input[1] is neither a text nor
          /v1/embeddings | {"model": "story", "input": [5, "a"]} | input[1] is "a", not a token id
          /v1/embeddings | {"model": "story", "input": [99999]} | input[0] is 99999, not a token id from 0 to
          /v1/embeddings | {"model": "story", "input": "a", "dimensions": 0} | dimensions must be from 1 to
          /v1/embeddings | {"model": "story", "input": "a", "dimensions": 100000} | dimensions must be from 1 to
          /v1/embeddings | {"model": "story", "input": "a", "dimensions": "2"} | whole number
          /v1/embeddings | {"model": "story", "input": "a", "encoding_format": "hex"} | must be float or base64
          /v1/embeddings | {"model": "story", "input": "a", "normalise": true} | unknown field
          /v1/embeddings | {"model": "shapes", "input": "a"} | is of task detection; this needs one of language or representation
          /v1/embeddings | {"model": "crops", "input": "a"} | this needs one of language or representation of texts
          /api/embeddings | {"model": "story", "images": ["AAAA"]} | this needs one of representation of pictures
          /api/embeddings | {"model": "story"} | either texts or images
          /api/embeddings | {"model": "story", "texts": ["a"], "images": ["AAAA"]} | either texts or images
          /api/embeddings | {"model": "story", "texts": [null]} | texts[0] is missing
          /api/embeddings | {"model": "story", "texts": ["a"], "pooling": "max"} | pooling must be mean or last
          /api/embeddings | {"model": "crops", "images": ["AAAA"], "pooling": "mean"} | pooling is for texts
          /api/embeddings | {"model": "crops", "images": ["AAAA"]} | images[0]
          /api/embeddings | {"model": "crops", "images": ["AA=A"]} | images[0] is not the base64 form
          /api/embeddings | {"model": "crops", "images": [""]} | images[0]
          /api/embeddings | {"model": "crops", "images": ["http://localhost/a.png"]} | no URL is fetched
          /api/embeddings | {"model": "crops", "images": ["data:image/svg+xml;base64,AAAA"]} | no URL is fetched
          """)
  void saysWhatIsWrong(String path, String body, String reason) throws Exception {
    refused(path, body, reason);
  }

  @Test
  void refusesWhatIsTooLongOrTooMuch() throws Exception {
    refused(
        OPENAI,
        InferenceFixture.JSON.writeValueAsString(body("story", "the river ".repeat(40_000))),
        "the model takes %d tokens; cut it into pieces".formatted(TinyModels.CONTEXT));
    refused(
        OPENAI,
        InferenceFixture.JSON.writeValueAsString(
            body("story", java.util.Collections.nCopies(2049, "a"))),
        "a request must have 1 to 2048 of input, it has 2049");
  }

  private static void refused(String path, String body, String reason) throws Exception {
    HttpResponse<String> answer = SERVICE.send("POST", path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body().replace("\\\"", "\"")).contains(reason);
  }

  private static Map<String, Object> body(String model, Object input) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("model", model);
    body.put("input", input);
    return body;
  }

  private static float[] vector(JsonNode answer, int index) {
    return numbers(answer.at("/data/%d/embedding".formatted(index)));
  }

  private static float[] numbers(JsonNode values) {
    float[] vector = new float[values.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = values.path(i).floatValue();
    }
    return vector;
  }

  private static String base64(Picture picture) {
    return Base64.getEncoder().encodeToString(PictureWriter.png(picture));
  }
}
