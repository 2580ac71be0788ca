package io.millrace.standalone.helm;

import static io.millrace.standalone.helm.HelmChart.render;
import static io.millrace.standalone.helm.HelmChart.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.helm.HelmChart.Manifests;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Pods by load, and the rules by which the metrics API knows it. */
class HelmAutoscalingTest {

  @Test
  void leavesTheNumberOfPodsToTheAutoscaler() {
    Manifests manifests = render("autoscaling");

    assertThat(manifests.ofKind("HorizontalPodAutoscaler")).hasSize(3);
    for (JsonNode scaler : manifests.ofKind("HorizontalPodAutoscaler")) {
      JsonNode deployment = manifests.one("Deployment", text(scaler, "/spec/scaleTargetRef/name"));
      assertThat(deployment.at("/spec").has("replicas")).isFalse();
      assertThat(deployment.at("/spec/template/spec/topologySpreadConstraints")).hasSize(2);
    }
    assertThat(manifests.one("Deployment", "training-service").at("/spec/replicas").intValue())
        .isEqualTo(1);
    JsonNode inference = manifests.one("HorizontalPodAutoscaler", "inference-service");
    assertThat(inference.at("/spec/minReplicas").intValue()).isEqualTo(2);
    assertThat(inference.at("/spec/maxReplicas").intValue()).isEqualTo(8);
    assertThat(text(inference, "/spec/metrics/0/pods/target/averageValue")).isEqualTo("12");
    assertThat(text(inference, "/spec/behavior/scaleUp/policies/0/type")).isEqualTo("Pods");
  }

  @Test
  void hasADisruptionBudgetWhereThereIsAlwaysMoreThanOnePod() {
    assertThat(render("autoscaling").ofKind("PodDisruptionBudget"))
        .extracting(budget -> text(budget, "/metadata/name"))
        .containsExactlyInAnyOrder("mill-millrace-gateway", "mill-millrace-inference-service");
  }

  @Test
  void asksForMetricsThatTheAdapterKnows() {
    JsonNode rules = HelmChart.yaml("adapter/prometheus-adapter.yaml").at("/rules");
    TreeSet<String> pods = new TreeSet<>();
    TreeSet<String> external = new TreeSet<>();
    for (JsonNode scaler : render("autoscaling").ofKind("HorizontalPodAutoscaler")) {
      JsonNode metric = scaler.at("/spec/metrics/0");
      (text(metric, "/type").equals("Pods") ? pods : external)
          .add(text(metric, "/pods/metric/name") + text(metric, "/external/metric/name"));
    }

    assertThat(series(rules.at("/custom"))).containsExactlyElementsOf(pods);
    assertThat(series(rules.at("/external"))).containsExactlyElementsOf(external);
  }

  @Test
  void asksForTheLagOfItsOwnReleaseOnly() {
    Manifests manifests = render("autoscaling");

    assertThat(
            text(
                manifests.one("HorizontalPodAutoscaler", "data-service"),
                "/spec/metrics/0/external/metric/selector/matchLabels/app_kubernetes_io_instance"))
        .isEqualTo("mill");
    assertThat(manifests.ofKind("ServiceMonitor"))
        .allSatisfy(monitor ->
            assertThat(monitor.at("/spec/targetLabels").toString())
                .contains("app.kubernetes.io/instance"));
  }

  @Test
  void scalesTheDeploymentsOfTasksEachByItsOwnLoad() {
    Manifests manifests = render("tasks");

    assertThat(manifests.ofKind("HorizontalPodAutoscaler"))
        .singleElement()
        .satisfies(scaler -> {
          assertThat(text(scaler, "/spec/scaleTargetRef/name"))
              .isEqualTo("mill-millrace-inference-detection");
          assertThat(scaler.at("/spec/maxReplicas").intValue()).isEqualTo(6);
        });
  }

  @Test
  void refusesLessAtMostThanAtLeast() {
    assertThatThrownBy(
            () -> render("minimal", "gateway: {autoscaling: {enabled: true, minReplicas: 11}}"))
        .hasMessageContaining("gateway.autoscaling.minReplicas (11) must not be larger");
    assertThatThrownBy(() -> render("minimal", "trainingService: {autoscaling: {enabled: true}}"))
        .hasMessageContaining("'autoscaling' not allowed");
  }

  private static List<String> series(JsonNode rules) {
    return rules
        .valueStream()
        .map(rule -> text(rule, "/seriesQuery").replaceAll("\\{.*", ""))
        .sorted()
        .toList();
  }
}
