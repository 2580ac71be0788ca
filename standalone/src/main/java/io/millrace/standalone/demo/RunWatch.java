package io.millrace.standalone.demo;

import io.millrace.standalone.terminal.ProgressBar;
import java.time.Duration;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;

/** Follows a run through the gateway until it ends and shows its progress. */
final class RunWatch {

  private static final Duration POLL = Duration.ofMillis(400);

  private final GatewayClient gateway;
  private final String unit;

  /**
   * @param unit what the run's rate counts, e.g. {@code tokens}
   */
  RunWatch(GatewayClient gateway, String unit) {
    this.gateway = gateway;
    this.unit = unit;
  }

  /**
   * Waits for the end.
   *
   * @return the run as it ended
   * @throws StageFailure if it did not succeed
   */
  JsonNode await(String label, String runId) {
    try (ProgressBar bar = ProgressBar.of(label)) {
      while (true) {
        JsonNode run = gateway.get("/api/runs/" + runId);
        String state = run.path("state").asString();
        show(bar, run);
        switch (state) {
          case "succeeded" -> {
            return run;
          }
          case "failed", "cancelled" ->
              throw new StageFailure(
                  label, "the run " + state + ": " + run.path("error").asString(""));
          case "queued", "running" -> Pause.of(POLL);
          default ->
              throw new StageFailure(label, "the run is in an unknown state '" + state + "'");
        }
      }
    }
  }

  private void show(ProgressBar bar, JsonNode run) {
    JsonNode progress = run.path("progress");
    double steps = run.path("request").path("steps").asDouble();
    double step = progress.path("step").asDouble();
    String details =
        "step %.0f/%.0f  loss %.3f  %,.0f %s/s  waiting %.1f %%%s"
            .formatted(
                step,
                steps,
                progress.path("loss").asDouble(),
                progress.path("rate").asDouble(),
                unit,
                100 * progress.path("data_wait_share").asDouble(),
                expertLoad(progress.path("expert_load")));
    bar.update(
        steps > 0 ? step / steps : 1,
        Duration.ofMillis((long) (1000 * progress.path("seconds_left").asDouble())),
        details);
  }

  /** Busiest and idlest expert in percent of an even share. */
  private static String expertLoad(JsonNode loads) {
    if (loads.isEmpty()) {
      return "";
    }
    StringJoiner text = new StringJoiner(" ", "  experts ", "");
    double even = 1.0 / loads.size();
    for (JsonNode load : loads) {
      text.add("%.0f".formatted(100 * load.asDouble() / even));
    }
    return text + " %";
  }
}
