package io.millrace.standalone.demo;

import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** What the inference service says about one model. */
record ServedModel(long version, long swaps, double swapPauseMsMax) {

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /**
   * Waits until the first version serves, which has learned nothing yet.
   *
   * @throws StageFailure if it is not served, or a later one is already
   */
  static ServedModel awaitUntrained(GatewayClient gateway, String model) {
    String stage = "serve the untrained model";
    ServedModel served = await(gateway, model, 1, stage);
    if (served.version() != 1) {
      throw new StageFailure(
          stage,
          "version %d serves already: training is too short to see what came before it; give it more --steps"
              .formatted(served.version()));
    }
    return served;
  }

  /** Waits until a version, or a later one, serves. */
  static ServedModel await(GatewayClient gateway, String model, long version, String stage) {
    Instant limit = Instant.now().plus(LIMIT);
    String last = "it is not listed";
    while (Instant.now().isBefore(limit)) {
      for (JsonNode entry : gateway.get("/api/models").path("models")) {
        if (entry.path("name").asString().equals(model)) {
          last = entry.toString();
          if (entry.path("version").asLong() >= version) {
            return new ServedModel(
                entry.path("version").asLong(),
                entry.path("swaps").asLong(),
                entry.path("swap_pause_ms_max").asDouble());
          }
        }
      }
      Pause.of(POLL);
    }
    throw new StageFailure(
        stage,
        "model %s version %d was not served within %d s: %s"
            .formatted(model, version, LIMIT.toSeconds(), last));
  }
}
