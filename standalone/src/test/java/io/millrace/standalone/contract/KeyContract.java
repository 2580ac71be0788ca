package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.inference.v1.ListModelsRequest;
import io.millrace.contracts.inference.v1.ListModelsResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who may call. */
abstract class KeyContract {
  private final Rest rest;
  private final Rpc rpc;

  KeyContract(Rest rest, Rpc rpc) {
    this.rest = rest;
    this.rpc = rpc;
  }

  @Test
  void aKeyIsGoodUntilItIsRevoked() {
    JsonNode created = rest.post("/api/keys", Map.of("name", "colleague")).expect(201);
    String key = created.path("key").asString();
    String prefix = created.path("prefix").asString();
    assertThat(as(key, "/v1/models").status()).isEqualTo(200);
    assertThat(as(key, "/api/keys").status()).as("for administrators").isEqualTo(403);
    assertThat(rest.get("/api/keys").expect(200).path("keys").valueStream())
        .anyMatch(seen -> seen.path("prefix").asString().equals(prefix) && !seen.has("secret"));
    rest.delete("/api/keys/" + prefix).expect(204);
    assertThat(as(key, "/v1/models").status()).isEqualTo(401);
  }

  @Test
  void nothingIsAnsweredWithoutAKey() {
    for (String path : new String[] {"/v1/models", "/api/datasets", "/actuator/prometheus", "/x"}) {
      Rest.Answer answer = rest.send("GET", path, "", new byte[0], null);
      assertThat(answer.status()).as(path).isEqualTo(401);
      assertThat(answer.response().headers().firstValue("WWW-Authenticate")).contains("Bearer");
    }
    Refusal.require(
        "unauthenticated",
        () -> {
          ListModelsResponse unused =
              Rpc.call(() ->
                  InferenceServiceGrpc.newBlockingStub(rpc.withoutKey())
                      .listModels(ListModelsRequest.getDefaultInstance()));
        });
  }

  private Rest.Answer as(String key, String path) {
    return rest.send("GET", path, "", new byte[0], "Bearer " + key);
  }
}
