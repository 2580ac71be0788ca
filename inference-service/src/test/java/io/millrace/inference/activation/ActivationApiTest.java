package io.millrace.inference.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.inference.fixture.InferenceFixture;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Values, pictures, and what is asked for wrongly. */
class ActivationApiTest {
  private static final InferenceFixture SERVICE = InferenceFixture.shared();

  @Test
  void givesValuesAndDerivatives() throws Exception {
    HttpResponse<String> answer = get("?name=gelu&name=prelu&from=-1&to=1&points=3", "*/*");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonNode found = InferenceFixture.JSON.readTree(answer.body()).path("activations");
    assertThat(found.size()).isEqualTo(2);
    JsonNode gelu = found.path(0);
    assertThat(gelu.path("name").asString()).isEqualTo("gelu");
    assertThat(gelu.path("aliases").toString()).isEqualTo("[\"geglu\"]");
    assertThat(gelu.has("learned")).isFalse();
    assertThat(gelu.path("x").toString()).isEqualTo("[-1.0,0.0,1.0]");
    assertThat(gelu.path("values").path(2).asDouble()).isCloseTo(0.841345, within(1e-6));
    assertThat(gelu.path("derivatives").path(1).asDouble()).isCloseTo(0.5, within(1e-12));
    assertThat(found.path(1).path("learned").asDouble()).isEqualTo(0.25);
    assertThat(found.path(1).path("values").path(0).asDouble()).isEqualTo(-0.25);
  }

  @Test
  void givesAllOfThem() throws Exception {
    JsonNode found = InferenceFixture.JSON.readTree(get("", "*/*").body()).path("activations");
    assertThat(found.size()).isEqualTo(16);
    assertThat(found.path(0).path("x").size()).isEqualTo(201);
  }

  @ParameterizedTest
  @CsvSource({
    "?format=svg, */*, image/svg+xml, <svg ",
    "'', image/svg+xml, image/svg+xml, <svg ",
    "?format=png, application/json, image/png, PNG",
    "'', image/png, image/png, PNG",
    "'', 'image/png;q=0.5, image/svg+xml', image/svg+xml, <svg ",
    "?format=json, image/png, application/json, '{\"activations\"'"
  })
  void givesWhatIsAskedForOrAccepted(String query, String accept, String type, String begins)
      throws Exception {
    String also = query.isEmpty() ? "?name=mish" : query + "&name=mish";
    HttpResponse<String> answer = get(also, accept);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue(type);
    // A PNG begins with a byte that is no letter.
    assertThat(answer.body().substring(0, 16)).contains(begins);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ?name=gelo | 400 | there is no activation \\"gelo\\"; did you mean gelu?
          ?from=1&to=1 | 400 | from must be less than to
          ?from=NaN | 400 | parameter 'from' must be a finite number such as -1.5 or 2e3, it is 'NaN'
          ?from=0x1p3 | 400 | parameter 'from' must be a finite number such as -1.5 or 2e3, it is '0x1p3'
          ?to=5f | 400 | parameter 'to' must be a finite number such as -1.5 or 2e3, it is '5f'
          ?points=0x10 | 400 | parameter 'points' must be a whole number from -2147483648 to 2147483647, it is '0x10'
          ?derivative=perhaps | 400 | parameter 'derivative' must be true or false, it is 'perhaps'
          ?to=5000 | 400 | between -1000 and 1000
          ?points=1 | 400 | points is 1; it must be from 2 to 1001
          ?points=many | 400 | points
          ?format=gif | 400 | format must be json, svg or png, it is 'gif'
          ?names=gelu | 400 | unknown parameter 'names'
          """)
  void saysWhatIsWrong(String query, int status, String message) throws Exception {
    HttpResponse<String> answer = get(query, "*/*");
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).contains(message);
  }

  @ParameterizedTest
  @CsvSource({"?name=gelo, name", "?from=3&to=-3, from", "?points=1, points"})
  void namesTheParameterThatIsWrong(String query, String parameter) throws Exception {
    JsonNode problem = InferenceFixture.JSON.readTree(get(query, "*/*").body());
    assertThat(problem.path("parameter").asString()).isEqualTo(parameter);
  }

  @Test
  void hasNoOtherForm() throws Exception {
    assertThat(get("", "text/html").statusCode()).isEqualTo(406);
  }

  private static HttpResponse<String> get(String query, String accept) throws Exception {
    return SERVICE.send(
        SERVICE.request("/api/activations" + query).header("Accept", accept).GET().build());
  }
}
