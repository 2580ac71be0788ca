package io.millrace.inference.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.contracts.inference.v1.ListVersionsRequest;
import io.millrace.contracts.inference.v1.PromoteVersionRequest;
import io.millrace.contracts.inference.v1.RollBackModelRequest;
import io.millrace.contracts.inference.v1.Version;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.platform.registry.ModelVersion;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Two replicas, one of which is asked to let other versions serve. */
class VersionApiTest {
  private static InferenceFixture service;
  private static InferenceFixture replica;

  @BeforeAll
  static void start() {
    service = InferenceFixture.start();
    replica = service.another();
  }

  @AfterAll
  static void stop() {
    replica.close();
    service.close();
  }

  @Test
  void letsOlderVersionsServeOnEveryReplicaAndAfterARestart() throws Exception {
    ModelVersion first = service.publishLanguage("writer", 1);
    service.awaitServing(first);
    ModelVersion second = service.publishLanguage("writer", 2);
    service.awaitServing(second);

    JsonNode promotion = service.post("/api/models/writer/rollback", Map.of());

    assertThat(promotion.path("version").asInt()).isEqualTo(first.version());
    assertThat(promotion.path("reason").asString()).isEqualTo("rollback");
    service.awaitServing(first);
    replica.awaitServing(first);
    assertThat(fingerprint(service)).startsWith("v1-");
    ModelVersion third = service.publishLanguage("writer", 3);
    JsonNode versions = versions("writer");
    assertThat(versions.path("pinned").asBoolean()).isTrue();
    assertThat(versions.path("policy").path("kind").asString()).isEqualTo("automatic");
    assertThat(versions.path("versions").valueStream())
        .extracting(version -> version.path("version").asInt() + version.path("state").asString())
        .containsExactly("3published", "2published", "1serving");
    try (InferenceFixture restarted = service.another()) {
      assertThat(restarted.awaitServing(first).path("version").asInt()).isEqualTo(first.version());
    }
    assertThat(service.send("POST", "/api/models/writer/unpin", "").statusCode()).isEqualTo(204);
    service.post("/api/models/writer/pin", Map.of("version", third.version()));
    replica.awaitServing(third);
  }

  @Test
  void doesSoOverGrpcToo() throws Exception {
    ModelVersion first = service.publishDetector("cells", 1);
    ModelVersion second = service.publishDetector("cells", 2);
    service.awaitServing(second);

    int promoted =
        service
            .grpc()
            .promoteVersion(
                PromoteVersionRequest.newBuilder()
                    .setModel("cells")
                    .setVersion(first.version())
                    .build())
            .getVersion();
    service.awaitServing(first);
    String reason =
        service
            .grpc()
            .rollBackModel(RollBackModelRequest.newBuilder().setModel("cells").build())
            .getReason();
    service.awaitServing(second);

    assertThat(promoted).isEqualTo(first.version());
    assertThat(reason).isEqualTo("rollback");
    assertThat(
            service
                .grpc()
                .listVersions(ListVersionsRequest.newBuilder().setModel("cells").build())
                .getVersionsList())
        .extracting(Version::getVersion, Version::getState)
        .containsExactly(tuple(2, "serving"), tuple(1, "published"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST|none/rollback|{}|404|model 'none' does not exist",
        "POST|young/rollback|{}|409|model 'young' has no version that served before",
        "POST|young/promote|{}|400|version is missing",
        "POST|young/promote|{\"version\": 9}|404|model version 'young/9' does not exist",
        "POST|none/unpin|{}|404|model 'none' does not exist",
        "GET|none/versions|{}|404|model 'none' does not exist",
        "PUT|young/policy|{\"kind\": \"best\"}|400|kind must be 'automatic'",
        "PUT|young/policy|{\"kind\": \"if_better\"}|400|figure is missing",
        "PUT|young/policy|{\"kind\": \"manual\", \"figure\": \"x\"}|400|are for a policy",
        "PUT|young/policy|{\"kind\": \"if_better\", \"figure\": \"x\"}|400|direction must be",
        "PUT|none/policy|{\"kind\": \"manual\"}|404|model 'none' does not exist",
      })
  void refusesWhatCannotBe(String method, String path, String body, int status, String message)
      throws Exception {
    if (service.send("GET", "/api/models/young", "").statusCode() == 404) {
      service.awaitServing(service.publishLanguage("young", 1));
    }

    HttpResponse<String> answer = service.send(method, "/api/models/" + path, body);

    assertThat(answer.body()).contains(message);
    assertThat(answer.statusCode()).isEqualTo(status);
  }

  @Test
  void promotesWhatIsBetterIfToldTo() throws Exception {
    service.awaitServing(service.publishLanguage("better", 1));
    HttpResponse<String> set =
        service.send(
            "PUT",
            "/api/models/better/policy",
            "{\"kind\": \"if_better\", \"figure\": \"heldout_loss\", \"direction\": \"lower\"}");

    service.publishLanguage("better", 2);

    assertThat(set.statusCode()).isEqualTo(200);
    JsonNode versions = versions("better");
    assertThat(versions.path("policy").path("figure").asString()).isEqualTo("heldout_loss");
    assertThat(versions.path("versions").valueStream())
        .extracting(version -> version.path("version").asInt() + version.path("state").asString())
        .as("the figure of both is the same")
        .containsExactly("2published", "1serving");
  }

  private static JsonNode versions(String model) throws Exception {
    return InferenceFixture.JSON.readTree(
        service.send("GET", "/api/models/" + model + "/versions", "").body());
  }

  private static String fingerprint(InferenceFixture at) throws Exception {
    return at.post("/v1/completions", Map.of("model", "writer", "prompt", "a", "max_tokens", 2))
        .path("system_fingerprint")
        .asString();
  }
}
