package io.millrace.inference.detect;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.fixture.InferenceFixture;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What the maps of detectors see, over REST. */
class ReceptiveFieldApiTest {
  private static final InferenceFixture SERVICE = DetectRequests.SERVICE;
  private static final String PATH = "/api/receptive-field";

  private static HttpResponse<String> post(String json) throws Exception {
    return SERVICE.send(
        SERVICE
            .request(PATH)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  @Test
  void countsEveryLayerOfAPreset() throws Exception {
    HttpResponse<String> answer = SERVICE.send(SERVICE.request(PATH + "?preset=fcos-nano").build());

    JsonNode json = InferenceFixture.JSON.readTree(answer.body());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(json.path("input_width").asInt()).isPositive();
    assertThat(json.path("maps")).hasSize(3);
    JsonNode last = json.path("maps").path(2);
    assertThat(last.path("stride").asInt()).isEqualTo(32);
    assertThat(last.path("min_object").asDouble()).isPositive();
    assertThat(last.has("max_object")).as("there is no largest").isFalse();
    JsonNode layers = last.path("layers");
    assertThat(layers.path(0).path("size").asDouble()).isEqualTo(3);
    assertThat(layers.path(layers.size() - 1).path("size")).isEqualTo(last.path("size"));
  }

  @Test
  void takesAModelThatServes() throws Exception {
    HttpResponse<String> answer = SERVICE.send(SERVICE.request(PATH + "?model=shapes").build());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(InferenceFixture.JSON.readTree(answer.body()).path("maps").size()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                           | 400 | preset is missing, or else model
          ?preset=nano&model=shapes    | 400 | not both
          ?preset=no-such              | 400 | use one of nano,
          ?model=nobody                | 404 | 'nobody' does not exist
          ?model=story                 | 400 | is of task language
          """)
  void refusesWhatIsNoDetector(String query, int status, String reason) throws Exception {
    HttpResponse<String> answer = SERVICE.send(SERVICE.request(PATH + query).build());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(reason);
  }

  @Test
  void refusesAConfigurationThatIsNoneOrTooLarge() throws Exception {
    assertThat(post("{\"architecture\": \"detector\"}").body()).contains("config", "classes");
    assertThat(post("{\"architecture\": \"detector\"}").body())
        .contains("field 'classes' is missing; it must be a list")
        .doesNotContain("creator", "io.millrace");
    assertThat(post("{\"architecture\": \"detector\", \"architecture\": \"x\"}").body())
        .contains("field 'architecture' is there twice");
    assertThat(post("{").statusCode()).isEqualTo(400);
    assertThat(post("[1]").statusCode()).isEqualTo(400);
    HttpResponse<String> large = post(" ".repeat(1 << 20) + "{}");
    assertThat(large.statusCode()).isIn(400, 413);
  }
}
