package io.millrace.standalone.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A run that publishes its untrained model first and then checkpoints on the way, which are swapped
 * in while a client keeps asking.
 */
final class DemoRun {

  private static final Duration STEADY_PAUSE = Duration.ofMillis(250);

  private final GatewayClient gateway;
  private final String id;
  private final String model;
  private final ServedModel untrained;

  private DemoRun(GatewayClient gateway, String id, String model, ServedModel untrained) {
    this.gateway = gateway;
    this.id = id;
    this.model = model;
    this.untrained = untrained;
  }

  /**
   * What came of it.
   *
   * @param progress as the run reports it at its end
   * @param checkpoints published on the way, the untrained model not counted
   * @param swaps how many of them were swapped in
   * @param swapPauseMsMax longest pause that a swap made
   * @param requests of the client
   * @param requestsFailed how many of them failed
   */
  record Result(
      JsonNode progress,
      long checkpoints,
      long swaps,
      double swapPauseMsMax,
      long requests,
      long requestsFailed) {}

  /**
   * Starts it and returns when the untrained model serves.
   *
   * @param name of the dataset and of the model
   * @param checkpoints to publish on the way, besides the untrained model
   */
  static DemoRun start(
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
    String id = gateway.post("/api/runs", request).path("id").asString();
    return new DemoRun(gateway, id, name, ServedModel.awaitUntrained(gateway, name));
  }

  /**
   * Follows it to its end and returns when its last checkpoint serves.
   *
   * @param unit what its rate counts, short, e.g. {@code tok}
   * @param request what the client asks again and again
   * @param out told why requests failed
   */
  Result follow(String unit, Runnable request, PrintStream out) {
    SteadyClient client = new SteadyClient("steady-" + model, STEADY_PAUSE, request);
    JsonNode progress;
    ServedModel served;
    try (client) {
      progress = new RunFollower(gateway, unit).await("training", id).path("progress");
      long newest = progress.path("latest_version").asLong();
      served = ServedModel.await(gateway, model, newest, "swap the last checkpoint in");
    }
    client.reasons().forEach(reason -> out.println("a request failed: " + reason));
    return new Result(
        progress,
        progress.path("checkpoints").asLong() - 1,
        served.swaps() - untrained.swaps(),
        served.swapPauseMsMax(),
        client.requests(),
        client.failures());
  }
}
