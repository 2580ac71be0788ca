package io.millrace.standalone.helm;

import static io.millrace.standalone.helm.HelmChart.hooks;
import static io.millrace.standalone.helm.HelmChart.render;
import static io.millrace.standalone.helm.HelmChart.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.helm.HelmChart.Manifests;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What runs beside the services: the topics' hook and the test; and the routes to the gateway. */
class HelmHooksTest {

  @ParameterizedTest
  @MethodSource("io.millrace.standalone.helm.HelmChart#ciValues")
  void runsHooksAsCarefullyAsServices(String values) throws Exception {
    Manifests hooks = hooks(values, "{}");
    JsonNode job = hooks.one("Job", "-topics").at("/spec/template/spec");
    JsonNode test = hooks.one("Pod", "-test").at("/spec");

    for (JsonNode pod : List.of(job, test)) {
      assertThat(text(pod, "/restartPolicy")).isEqualTo("Never");
      assertThat(pod.at("/securityContext/runAsNonRoot").booleanValue()).isTrue();
      assertThat(text(pod, "/securityContext/seccompProfile/type")).isEqualTo("RuntimeDefault");
      assertThat(pod.at("/automountServiceAccountToken").booleanValue(true)).isFalse();
      JsonNode container = pod.at("/containers/0");
      assertThat(container.at("/securityContext/readOnlyRootFilesystem").booleanValue()).isTrue();
      assertThat(text(container, "/securityContext/capabilities/drop/0")).isEqualTo("ALL");
      JsonNode command = container.at("/command");
      Class<?> main = Class.forName(command.get(command.size() - 1).asString());
      assertThat(Modifier.isStatic(main.getMethod("main", String[].class).getModifiers())).isTrue();
    }
  }

  @Test
  void makesTopicsBeforeServicesStartAndAfterAnEvaluationsKafkaDoes() {
    String hook = "/metadata/annotations/test~1hook";

    assertThat(text(hooks("minimal", "{}").one("Job", "-topics"), hook))
        .isEqualTo("pre-install,pre-upgrade");
    assertThat(text(hooks("evaluation", "{}").one("Job", "-topics"), hook))
        .isEqualTo("post-install,post-upgrade");
    assertThat(hooks("minimal", "topicsJob: {enabled: false}").ofKind("Job")).isEmpty();
  }

  @Test
  void needsNoServiceAccountOfTheReleaseBeforeThereIsOne() {
    JsonNode job = hooks("minimal", "{}").one("Job", "-topics");

    assertThat(job.at("/spec/template/spec").has("serviceAccountName")).isFalse();
    assertThat(
            text(
                hooks("minimal", "serviceAccount: {create: false, name: mine}")
                    .one("Job", "-topics"),
                "/spec/template/spec/serviceAccountName"))
        .isEqualTo("mine");
  }

  @Test
  void testsTheGatewayWithAKey() {
    JsonNode test = hooks("ha", "{}").one("Pod", "-test");
    JsonNode own = hooks("ha", "tests: {apiKey: {existingSecret: mine}}").one("Pod", "-test");

    assertThat(variable(test, "MILLRACE_CHECK_URL").at("/value").asString())
        .isEqualTo("http://mill-millrace-gateway:8080");
    assertThat(variable(test, "MILLRACE_CHECK_KEY").toString()).contains("millrace-bootstrap");
    assertThat(variable(own, "MILLRACE_CHECK_KEY").toString()).contains("\"name\":\"mine\"");
    assertThat(render("ha").one("NetworkPolicy", "gateway").at("/spec/ingress/0/from/1").toString())
        .contains("\"app.kubernetes.io/component\":\"test\"");
  }

  @Test
  void routesTheGatewayApiToBothPorts() {
    Manifests manifests = render("autoscaling");
    JsonNode http = manifests.one("HTTPRoute", "");
    JsonNode grpc = manifests.one("GRPCRoute", "");

    assertThat(http.at("/spec/rules/0/backendRefs/0").toString())
        .isEqualTo("{\"name\":\"mill-millrace-gateway\",\"port\":8080}");
    assertThat(grpc.at("/spec/rules/0/backendRefs/0").toString())
        .isEqualTo("{\"name\":\"mill-millrace-gateway\",\"port\":9090}");
    assertThat(http.at("/spec/parentRefs/0").toString())
        .isEqualTo("{\"name\":\"public\",\"namespace\":\"gateways\",\"sectionName\":\"https\"}");
    assertThat(render("minimal").ofKind("HTTPRoute")).isEmpty();
    for (String route : List.of("httpRoute", "grpcRoute")) {
      assertThatThrownBy(() -> render("minimal", route + ": {enabled: true}"))
          .hasMessageContaining(route + ".parentRefs is required");
    }
  }

  private static JsonNode variable(JsonNode pod, String name) {
    return Stream.of(pod.at("/spec/containers/0/env"))
        .flatMap(JsonNode::valueStream)
        .filter(one -> text(one, "/name").equals(name))
        .findFirst()
        .orElseThrow();
  }
}
