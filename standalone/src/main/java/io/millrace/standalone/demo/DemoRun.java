package io.millrace.standalone.demo;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A run that publishes its untrained model first and then checkpoints on the way. */
final class DemoRun {

  private DemoRun() {}

  /** How many checkpoints were published on the way, the untrained model not counted. */
  static long checkpoints(JsonNode progress) {
    return progress.path("checkpoints").asLong() - 1;
  }

  /**
   * Starts it and returns its id.
   *
   * @param name of the dataset and of the model
   * @param checkpoints to publish on the way, besides the untrained model
   */
  static String start(
      GatewayClient gateway, String task, String name, String preset, long steps, int checkpoints) {
    Map<String, Object> request =
        Map.of(
            "model", name,
            "task", task,
            "dataset", name,
            "preset", preset,
            "steps", steps,
            "seed", 1,
            "checkpoint_at_start", true,
            "checkpoint_every", Math.max(1, steps / checkpoints));
    return gateway.post("/api/runs", request).path("id").asString();
  }
}
