package io.millrace.standalone.helm;

import static io.millrace.standalone.helm.HelmChart.render;
import static io.millrace.standalone.helm.HelmChart.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.helm.HelmChart.Manifests;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Inference deployed once for all tasks, or apart for some. */
class HelmInferenceTest {
  private static final List<String> DEPLOYMENTS =
      List.of("inference-detection", "inference-language", "inference-service");

  @Test
  void servesAllTasksByOneDeploymentUnlessToldOtherwise() {
    Manifests manifests = render("minimal");

    assertThat(names(manifests)).containsExactly("inference-service");
    assertThat(settings(manifests, "inference-service").has("MILLRACE_INFERENCE_TASKS")).isFalse();
    assertThat(settings(manifests, "gateway").propertyNames())
        .noneMatch(name -> name.contains("BYTASK"));
  }

  @Test
  void leavesWhatNoDeploymentNamesToTheCommonOne() {
    Manifests manifests = render("tasks");

    assertThat(names(manifests)).containsExactlyInAnyOrderElementsOf(DEPLOYMENTS);
    assertThat(tasks(manifests, "inference-language")).isEqualTo("language");
    assertThat(tasks(manifests, "inference-detection")).isEqualTo("detection");
    assertThat(tasks(manifests, "inference-service")).isEqualTo("representation,classification");
    for (String name : DEPLOYMENTS) {
      assertThat(manifests.one("Service", name).at("/spec/selector"))
          .isEqualTo(manifests.one("Deployment", name).at("/spec/selector/matchLabels"));
      assertThat(manifests.ofKind("NetworkPolicy"))
          .anyMatch(policy -> text(policy, "/metadata/name").endsWith(name));
    }
  }

  @Test
  void tellsTheGatewayWhereEachTaskIsServed() {
    JsonNode gateway = settings(render("tasks"), "gateway");

    assertThat(text(gateway, "/MILLRACE_GATEWAY_INFERENCE_URL"))
        .isEqualTo("http://mill-millrace-inference-service:8080");
    assertThat(text(gateway, "/MILLRACE_GATEWAY_INFERENCEBYTASK_LANGUAGE_URL"))
        .isEqualTo("http://mill-millrace-inference-language:8080");
    assertThat(text(gateway, "/MILLRACE_GATEWAY_INFERENCEBYTASK_DETECTION_GRPC"))
        .isEqualTo("mill-millrace-inference-detection:9090");
    assertThat(gateway.propertyNames().stream().filter(name -> name.contains("BYTASK"))).hasSize(4);
    assertThat(
            render("tasks")
                .one("NetworkPolicy", "gateway")
                .at("/spec/egress/2/to/0/podSelector/matchExpressions/0/values")
                .toString())
        .isEqualTo(
            "[\"data-service\",\"training-service\",\"inference-detection\",\"inference-language\",\"inference-service\"]");
  }

  @Test
  void needsNoCommonDeploymentWhereEveryTaskHasAHome() {
    Manifests manifests =
        render(
            "minimal",
            "inference: {detection: {tasks: [detection]}, rest: {tasks: [language, representation, classification]}}");

    assertThat(names(manifests)).containsExactlyInAnyOrder("inference-detection", "inference-rest");
    assertThat(text(settings(manifests, "gateway"), "/MILLRACE_GATEWAY_INFERENCE_URL"))
        .isEqualTo("http://mill-millrace-inference-rest:8080");
  }

  @Test
  void takesFromTheCommonValuesWhatADeploymentDoesNotSay() {
    Manifests manifests =
        render(
            "tasks",
            """
            inferenceService: {gpu: {enabled: true}, priorityClassName: high, engineThreads: 2}
            inference: {detection: {gpu: {enabled: false}, engineThreads: 0}}
            """);

    assertThat(text(settings(manifests, "inference-language"), "/MILLRACE_ENGINE_DEVICE"))
        .isEqualTo("cuda:0");
    assertThat(text(settings(manifests, "inference-detection"), "/MILLRACE_ENGINE_DEVICE"))
        .isEqualTo("cpu");
    assertThat(text(settings(manifests, "inference-detection"), "/MILLRACE_ENGINE_THREADS"))
        .isEqualTo("0");
    assertThat(
            text(
                manifests.one("Deployment", "inference-detection"),
                "/spec/template/spec/priorityClassName"))
        .isEqualTo("high");
    JsonNode language = manifests.one("Deployment", "inference-language");
    assertThat(language.at("/spec/replicas").intValue()).isEqualTo(2);
    assertThat(language.at("/spec/template/spec/containers/0/resources").toString())
        .isEqualTo("{\"limits\":{\"memory\":\"32Gi\",\"nvidia.com/gpu\":1}}");
    assertThat(text(language, "/spec/template/spec/containers/0/image"))
        .startsWith("registry.example.com/millrace/inference-service-cuda:");
    assertThat(
            text(
                manifests.one("Deployment", "inference-detection"),
                "/spec/template/spec/containers/0/image"))
        .startsWith("registry.example.com/millrace/inference-service:");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "inference: {a: {tasks: [language]}, b: {tasks: [language]}} | inference.b.tasks: language is served by another entry",
        "inference: {a: {replicas: 2}} | missing property 'tasks'",
        "inference: {a: {tasks: [poetry]}} | /inference/a/tasks/0",
        "inference: {a: {tasks: []}} | /inference/a/tasks",
        "inference: {A_b: {tasks: [language]}} | invalid propertyName 'A_b'",
        "inference: {a: {tasks: [language], replica: 2}} | 'replica' not allowed",
        "inference: {a: {tasks: [language], shutdownSeconds: 600}} | inference.a.terminationGracePeriodSeconds (60)",
        "inference: {a: {tasks: [language], config: {SERVER_PORT: '1'}}} | inference.a.config.SERVER_PORT is set by the chart",
      })
  void refusesDeploymentsThatMakeNoSense(String values, String message) {
    assertThatThrownBy(() -> render("minimal", values)).hasMessageContaining(message);
  }

  private static List<String> names(Manifests manifests) {
    return manifests.ofKind("Deployment").stream()
        .map(deployment -> text(deployment, "/metadata/name").replace("mill-millrace-", ""))
        .filter(name -> name.startsWith("inference"))
        .toList();
  }

  private static JsonNode settings(Manifests manifests, String deployment) {
    return manifests.one("ConfigMap", "mill-millrace-" + deployment).at("/data");
  }

  private static String tasks(Manifests manifests, String deployment) {
    return text(settings(manifests, deployment), "/MILLRACE_INFERENCE_TASKS");
  }
}
