package io.millrace.inference.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.contracts.inference.v1.DeleteModelRequest;
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
        "PUT|young/policy|{\"kind\": \"if_better\", \"figure\": \"map\", \"direction\": \"lower\"}|400|they have heldout_loss",
        "PUT|young/retention|{}|400|last is missing",
        "PUT|young/retention|{\"last\": 0}|400|last must be between 1 and",
        "PUT|young/retention|{\"last\": 1, \"best\": 2}|400|figure is missing",
        "PUT|young/retention|{\"last\": 1, \"figure\": \"x\"}|400|go with best",
        "PUT|young/retention|{\"last\": 1, \"best\": 2, \"figure\": \"map\", \"direction\": \"higher\"}|400|they have heldout_loss",
        "PUT|none/retention|{\"last\": 1}|404|model 'none' does not exist",
        "DELETE|none|{}|404|model 'none' does not exist",
        "DELETE|young/versions/7|{}|404|model version 'young/7' does not exist",
        "DELETE|young/versions/1|{}|409|version 1 of model 'young' cannot be deleted: it is what is to serve",
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

  @Test
  void answersWithTheVersionThatIsNamedOrNotAtAll() throws Exception {
    service.awaitServing(service.publishLanguage("named", 1));
    ModelVersion second = service.publishLanguage("named", 2);
    service.awaitServing(second);
    assertThat(completion("named@2").statusCode()).isEqualTo(200);
    assertThat(completion("named@latest").statusCode()).isEqualTo(200);
    service.post("/api/models/named/rollback", Map.of());
    InferenceFixture.await(
        () -> service.model("named"), status -> status.path("version").asInt() == 1);

    assertThat(completion("named@stable").statusCode()).isEqualTo(200);
    assertThat(completion("named@1").statusCode()).isEqualTo(200);
    HttpResponse<String> latest = completion("named@latest");
    assertThat(latest.statusCode()).isEqualTo(409);
    assertThat(latest.body())
        .contains(
            "version 2, the latest, of model 'named' does not serve, version 1 does: promote version 2, or ask for 'named'");
    assertThat(completion("named@2").statusCode()).isEqualTo(409);
    assertThat(completion("named@9").statusCode()).isEqualTo(404);
    assertThat(completion("named@x").statusCode()).isEqualTo(400);
    assertThat(service.send("GET", "/v1/models/named@stable", "").statusCode()).isEqualTo(200);
    assertThat(versions("named").path("aliases"))
        .isEqualTo(InferenceFixture.JSON.readTree("{\"latest\": 2, \"stable\": 1}"));
    assertThat(service.model("named").path("versions").valueStream())
        .extracting(version -> version.path("bytes").asLong() > 0 || !version.has("bytes"))
        .containsOnly(true);
  }

  @Test
  void endsVersionsAndModelsOnEveryReplica() throws Exception {
    ModelVersion first = service.publishLanguage("ending", 1);
    service.awaitServing(first);
    ModelVersion second = service.publishLanguage("ending", 2);
    service.awaitServing(second);
    replica.awaitServing(second);
    InferenceFixture.await(
        () -> service.send("DELETE", "/api/models/ending/versions/1", "").statusCode(),
        status -> status == 204);

    HttpResponse<String> gone =
        service.send("POST", "/api/models/ending/promote", "{\"version\": 1}");
    assertThat(gone.statusCode()).isEqualTo(404);
    assertThat(gone.body()).contains("version 1 of model 'ending' was deleted by a request");
    assertThat(service.send("PUT", "/api/models/ending/retention", "{\"last\": 2}").statusCode())
        .isEqualTo(200);
    assertThat(versions("ending").path("retention").path("last").asInt()).isEqualTo(2);

    service.grpc().deleteModel(DeleteModelRequest.newBuilder().setModel("ending").build());

    InferenceFixture.await(
        () -> replica.send("GET", "/api/models/ending", "").statusCode(), status -> status == 404);
    InferenceFixture.await(() -> completionOf("ending"), status -> status == 404);
    ModelVersion third = service.publishLanguage("ending", 3);
    assertThat(third.version()).as("numbers are not used again").isEqualTo(3);
    replica.awaitServing(third);
  }

  private static HttpResponse<String> completion(String model) throws Exception {
    return service.send(
        "POST",
        "/v1/completions",
        "{\"model\": \"%s\", \"prompt\": \"a\", \"max_tokens\": 1}".formatted(model));
  }

  private static int completionOf(String model) throws Exception {
    return completion(model).statusCode();
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
