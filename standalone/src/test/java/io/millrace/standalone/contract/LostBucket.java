package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testing.S3Gate;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Permissions of the bucket that are taken away while services work: what needs them says so, and
 * goes on when they are given back.
 */
final class LostBucket {
  private static final String MODEL = "learned-without-a-bucket";
  private static final String[] REASON = {
    "answered 403 AccessDenied", "millrace.objects.s3.bucket", "docs/operations/object-store.md"
  };

  private final Rest rest;
  private final S3Gate gate;

  LostBucket(Rest rest, S3Gate gate) {
    this.rest = rest;
    this.gate = gate;
  }

  /** A run waits, saying why, rather than fails; what it publishes in the end is whole. */
  void ofPublishing() {
    gate.deny(request -> request.startsWith("PUT ") || request.startsWith("POST "));
    String run = startRun();
    String error =
        Await.until(() -> run(run).path("error").asString(""), reason -> !reason.isEmpty());
    assertThat(error).startsWith("cannot write object models/" + MODEL).contains(REASON);
    assertThat(run(run).path("state").asString()).isEqualTo("running");
    assertThat(model().path("version").asInt()).isZero();

    gate.permitAll();
    succeeds(run);
    Await.until(() -> model().path("version").asInt(), version -> version > 0);
  }

  /** A version that cannot be read does not serve, nor is it refused, while the one before does. */
  void ofReading() {
    long serving = model().path("version").asLong();
    gate.deny(request -> request.startsWith("GET ") && request.contains("/models/"));
    String run = startRun();
    String reason =
        Await.until(
            () -> model().path("postponed").path("reason").asString(""), told -> !told.isEmpty());
    assertThat(reason).contains(REASON);
    assertThat(model().path("version").asLong()).isEqualTo(serving);
    Rest.Answer evaluation = rest.get("/api/runs/" + detectionRun() + "/evaluation");
    assertThat(evaluation.status()).isEqualTo(503);
    assertThat(evaluation.text()).contains(REASON);

    gate.permitAll();
    succeeds(run);
    Await.until(() -> model().path("version").asLong(), version -> version > serving);
    assertThat(model().path("rejected").isNull()).isTrue();
  }

  private String startRun() {
    return rest.post(
            "/api/runs",
            Map.of(
                "model",
                MODEL,
                "task",
                "language",
                "dataset",
                LearnedModels.TEXTS,
                "preset",
                ContractPlatform.LANGUAGE_PRESET,
                "steps",
                6,
                "batch_size",
                2,
                "replace",
                true))
        .expect(201)
        .path("id")
        .asString();
  }

  private String detectionRun() {
    return rest.get("/api/runs?model=cells").expect(200).path("runs").path(0).path("id").asString();
  }

  private void succeeds(String run) {
    JsonNode ended =
        Await.until(() -> run(run), now -> !now.path("state").asString().matches("queued|running"));
    assertThat(ended.path("state").asString()).as(ended.toString()).isEqualTo("succeeded");
    assertThat(ended.path("error").isNull()).as(ended.toString()).isTrue();
  }

  private JsonNode run(String id) {
    return rest.get("/api/runs/" + id).expect(200);
  }

  private JsonNode model() {
    return rest.get("/api/models")
        .expect(200)
        .path("models")
        .valueStream()
        .filter(model -> model.path("name").asString().equals(MODEL))
        .findFirst()
        .orElseGet(() -> tools.jackson.databind.json.JsonMapper.shared().createObjectNode());
  }
}
