package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.metric.Metric;
import io.millrace.platform.metric.Metric.Kind;
import io.millrace.standalone.reference.ServiceMetrics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A platform that has done all sorts of things has the metrics that are described, and no others.
 */
abstract class MetricsContract {
  private final Rest rest;
  private final LearnedModels models;

  MetricsContract(Rest rest, LearnedModels models) {
    this.rest = rest;
    this.models = models;
  }

  @Test
  void areThoseThatAreDescribed() {
    for (Map.Entry<String, List<Metric>> service : ServiceMetrics.all().entrySet()) {
      Set<String> described =
          service.getValue().stream()
              .map(metric -> metric.spec().prometheus())
              .collect(Collectors.toCollection(TreeSet::new));
      // Only a run that is being worked on has an age.
      described.remove("millrace_training_checkpoint_age_seconds");
      assertThat(names(service)).as(service.getKey()).containsAll(described);
      described.add("millrace_training_checkpoint_age_seconds");
      assertThat(described).as(service.getKey()).containsAll(names(service));
    }
  }

  @Test
  void aRunHasTheAgeOfItsCheckpoint() {
    models.classification();
    String run =
        rest.post(
                "/api/runs",
                Map.of(
                    "model",
                    "measured",
                    "task",
                    "classification",
                    "dataset",
                    LearnedModels.TABLE,
                    "preset",
                    "linear",
                    "steps",
                    10_000_000,
                    "checkpoint_every",
                    0))
            .expect(201)
            .path("id")
            .asString();
    String path = "/actuator/prometheus/training-service";
    try {
      Await.until(
          () -> rest.get(path).text(),
          text ->
              text.contains("millrace_training_checkpoint_age_seconds{")
                  && text.contains(
                      "millrace_training_runs{application=\"training-service\",state=\"running\"} 1"));
    } finally {
      rest.post("/api/runs/" + run + "/cancel", Map.of());
    }
    Await.until(
        () -> rest.get(path).text(), text -> !text.contains("millrace_training_checkpoint_age"));
  }

  /** Names of what a service shows; those of a timer's series are its own. */
  private Set<String> names(Map.Entry<String, List<Metric>> service) {
    String path =
        service.getKey().equals("gateway")
            ? "/actuator/prometheus"
            : "/actuator/prometheus/" + service.getKey();
    Set<String> timers =
        service.getValue().stream()
            .filter(metric -> metric.spec().kind() == Kind.TIMER)
            .map(metric -> metric.spec().prometheus())
            .collect(Collectors.toSet());
    return rest.get(path)
        .text()
        .lines()
        .filter(line -> line.startsWith("millrace_"))
        .map(line -> line.replaceFirst("[{ ].*", ""))
        .map(name -> {
          String timer = name.replaceFirst("_(count|sum|max|bucket)$", "");
          return timers.contains(timer) ? timer : name;
        })
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
