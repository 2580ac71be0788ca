package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.inference.InferenceServiceApplication;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.platform.registry.ModelVersion;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A replica that serves some tasks only. */
class TasksTest {

  @Test
  void leavesModelsOfOtherTasksToOthers() throws Exception {
    try (InferenceFixture service =
        InferenceFixture.start(
            InferenceServiceApplication.class, Map.of("millrace.inference.tasks", "detection"))) {
      service.publishLanguage("writer", 1);
      ModelVersion cells = service.publishDetector("cells", 2);
      service.awaitServing(cells);

      JsonNode models =
          InferenceFixture.JSON.readTree(service.send("GET", "/api/models", "").body());
      HttpResponse<String> completion =
          service.send("POST", "/v1/completions", "{\"model\": \"cells\", \"prompt\": \"a\"}");
      HttpResponse<String> elsewhere =
          service.send("POST", "/v1/completions", "{\"model\": \"writer\", \"prompt\": \"a\"}");

      assertThat(models.path("models").valueStream())
          .extracting(model -> model.path("name").asString())
          .containsExactly("cells");
      assertThat(completion.statusCode()).isEqualTo(400);
      assertThat(completion.body())
          .contains("model 'cells' is of task detection; this needs one of language");
      assertThat(elsewhere.statusCode()).isEqualTo(404);
      assertThat(elsewhere.body())
          .contains("model 'writer' is of task language, which the service asked does not serve");
      assertThat(service.send("GET", "/api/models/writer", "").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void refusesATaskThatDoesNotExist() {
    assertThatThrownBy(() ->
            InferenceFixture.start(
                InferenceServiceApplication.class,
                Map.of("millrace.inference.tasks", "language,detecting")))
        .hasStackTraceContaining(
            "millrace.inference.tasks: there is no task 'detecting', only language, detection,"
                + " representation, classification");
  }
}
