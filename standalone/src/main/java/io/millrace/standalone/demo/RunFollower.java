package io.millrace.standalone.demo;

import io.millrace.standalone.terminal.ProgressBar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Follows a run through the gateway until it ends and shows its progress. */
final class RunFollower {

  private static final Duration POLL = Duration.ofMillis(400);

  private final GatewayClient gateway;
  private final String unit;

  /**
   * @param unit what the run's rate counts, short, e.g. {@code tok}
   */
  RunFollower(GatewayClient gateway, String unit) {
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
    double steps = run.path("request").path("steps").asDouble();
    JsonNode progress = run.path("progress");
    double step = progress.path("step").asDouble();
    bar.update(
        steps > 0 ? step / steps : 1,
        Duration.ofMillis((long) (1000 * progress.path("seconds_left").asDouble())),
        details(progress, unit, steps));
  }

  /** Short enough that all but the step fit into 80 columns; the most important figure first. */
  static List<String> details(JsonNode progress, String unit, double steps) {
    List<String> details = new ArrayList<>();
    details.add("loss " + figure(progress.path("loss").asDouble()));
    details.add(rate(progress.path("rate").asDouble()) + " " + unit + "/s");
    details.add("wait %.1f%%".formatted(100 * progress.path("data_wait_share").asDouble()));
    JsonNode loads = progress.path("expert_load");
    if (!loads.isEmpty()) {
      details.add("experts " + busiestAndIdlest(loads));
    }
    details.add("step %.0f/%.0f".formatted(progress.path("step").asDouble(), steps));
    return details;
  }

  private static String figure(double value) {
    return (Math.abs(value) < 100 ? "%.3f" : "%.0f").formatted(value);
  }

  private static String rate(double value) {
    if (value >= 1e6) {
      return "%.1fM".formatted(value / 1e6);
    }
    return value >= 1e4 ? "%.1fk".formatted(value / 1e3) : "%.0f".formatted(value);
  }

  /** In percent of an even share. */
  private static String busiestAndIdlest(JsonNode loads) {
    DoubleSummaryStatistics shares =
        loads.valueStream().mapToDouble(JsonNode::asDouble).summaryStatistics();
    double even = 1.0 / loads.size();
    return "%.0f/%.0f%%".formatted(100 * shares.getMax() / even, 100 * shares.getMin() / even);
  }
}
