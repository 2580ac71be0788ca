package io.millrace.standalone.helm;

import static io.millrace.standalone.helm.HelmChart.render;
import static io.millrace.standalone.helm.HelmChart.text;
import static io.millrace.standalone.helm.HelmChart.walk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.LintResult;
import io.millrace.standalone.helm.HelmChart.Manifests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The chart, rendered by the real Helm. */
class HelmChartTest {
  private static final List<String> SERVICES =
      List.of("gateway", "data-service", "training-service", "inference-service");
  static final Pattern SECRET = Pattern.compile("(?i).*(PASSWORD|SECRET|TOKEN|KEY)");

  @Test
  void logsInJsonUnlessTextIsAskedFor() {
    String variable = "/data/LOGGING_STRUCTURED_FORMAT_CONSOLE";
    for (String component : List.of("gateway", "data-service")) {
      assertThat(text(render("minimal", "{}").one("ConfigMap", component), variable))
          .isEqualTo("ecs");
      assertThat(
              text(render("minimal", "logs: {format: text}").one("ConfigMap", component), variable))
          .isEmpty();
    }
  }

  @Test
  void passesStrictLint() {
    LintResult result = HelmChart.lint();

    assertThat(result.isFailed()).as(String.join("\n", result.getMessages())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"minimal", "ha", "gpu"})
  void rendersTheFourServices(String values) {
    Manifests manifests = render(values);

    for (String kind : List.of("Deployment", "Service", "ConfigMap", "NetworkPolicy")) {
      assertThat(manifests.ofKind(kind))
          .extracting(manifest -> text(manifest, "/metadata/name"))
          .as(kind)
          .containsExactlyInAnyOrderElementsOf(
              SERVICES.stream().map("mill-millrace-"::concat).toList());
    }
    for (JsonNode manifest : manifests.all()) {
      assertThat(text(manifest, "/metadata/namespace")).isEqualTo("apps");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"minimal", "ha", "gpu"})
  void selectsThePodsOfOneServiceByLabelsThatNeverChange(String values) {
    Manifests manifests = render(values);

    for (String service : SERVICES) {
      JsonNode deployment = manifests.one("Deployment", service);
      JsonNode labels = deployment.at("/spec/template/metadata/labels");
      JsonNode selector = deployment.at("/spec/selector/matchLabels");
      assertThat(selector.propertyNames())
          .containsExactlyInAnyOrder(
              "app.kubernetes.io/name",
              "app.kubernetes.io/instance",
              "app.kubernetes.io/component");
      assertThat(manifests.one("Service", service).at("/spec/selector")).isEqualTo(selector);
      assertThat(manifests.one("NetworkPolicy", service).at("/spec/podSelector/matchLabels"))
          .isEqualTo(selector);
      for (String label : selector.propertyNames()) {
        assertThat(labels.get(label)).isEqualTo(selector.get(label));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.millrace.standalone.helm.HelmChart#ciValues")
  void meetsTheRestrictedPodSecurityStandard(String values) {
    for (JsonNode deployment : render(values).ofKind("Deployment")) {
      JsonNode pod = deployment.at("/spec/template/spec");
      assertThat(pod.at("/securityContext/runAsNonRoot").booleanValue()).isTrue();
      assertThat(pod.at("/securityContext/runAsUser").intValue()).isEqualTo(65532);
      assertThat(text(pod, "/securityContext/seccompProfile/type")).isEqualTo("RuntimeDefault");
      assertThat(pod.at("/automountServiceAccountToken").booleanValue(true)).isFalse();
      assertThat(pod.at("/enableServiceLinks").booleanValue(true)).isFalse();
      JsonNode container = container(deployment);
      assertThat(container.at("/securityContext").toString())
          .isEqualTo(
              "{\"allowPrivilegeEscalation\":false,\"readOnlyRootFilesystem\":true,"
                  + "\"capabilities\":{\"drop\":[\"ALL\"]}}");
      assertThat(walk(container.at("/volumeMounts")).map(mount -> text(mount, "/mountPath")))
          .contains("/tmp");
      assertThat(walk(pod.at("/volumes")).filter(volume -> text(volume, "/name").equals("tmp")))
          .singleElement()
          .satisfies(volume -> assertThat(volume.has("emptyDir")).isTrue());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"minimal", "ha", "gpu"})
  void takesEverySecretFromASecret(String values) {
    Manifests manifests = render(values);

    assertThat(manifests.ofKind("Secret")).isEmpty();
    for (JsonNode map : manifests.ofKind("ConfigMap")) {
      assertThat(map.at("/data").propertyNames()).noneMatch(key -> SECRET.matcher(key).matches());
    }
    for (JsonNode deployment : manifests.ofKind("Deployment")) {
      List<JsonNode> secrets = new ArrayList<>();
      for (JsonNode variable : container(deployment).at("/env")) {
        if (SECRET.matcher(text(variable, "/name")).matches()) {
          secrets.add(variable);
        }
      }
      assertThat(secrets).hasSizeGreaterThanOrEqualTo(2);
      for (JsonNode variable : secrets) {
        assertThat(variable.has("value")).as("%s", variable).isFalse();
        assertThat(text(variable, "/valueFrom/secretKeyRef/name")).as("%s", variable).isNotEmpty();
        assertThat(text(variable, "/valueFrom/secretKeyRef/key")).as("%s", variable).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.millrace.standalone.helm.HelmChart#ciValues")
  void givesServicesTimeToStartAndToStop(String values) {
    for (JsonNode deployment : render(values).ofKind("Deployment")) {
      JsonNode container = container(deployment);
      String health = "/actuator/health/";
      assertThat(text(container, "/livenessProbe/httpGet/path")).isEqualTo(health + "liveness");
      assertThat(text(container, "/readinessProbe/httpGet/path")).isEqualTo(health + "readiness");
      assertThat(
              container.at("/startupProbe/periodSeconds").intValue()
                  * container.at("/startupProbe/failureThreshold").intValue())
          .isGreaterThanOrEqualTo(300);
      String service = text(deployment, "/metadata/labels/app.kubernetes.io~1component");
      String shutdown =
          text(
              render(values).one("ConfigMap", service),
              "/data/SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE");
      assertThat(deployment.at("/spec/template/spec/terminationGracePeriodSeconds").intValue())
          .isGreaterThan(
              container.at("/lifecycle/preStop/sleep/seconds").intValue()
                  + Integer.parseInt(shutdown.replace("s", "")));
    }
  }

  @Test
  void sharesTheObjectStoreAmongTheThreeServices() {
    Manifests manifests = render("minimal");

    JsonNode claim = manifests.one("PersistentVolumeClaim", "-objects");
    assertThat(claim.at("/spec/accessModes").toString()).isEqualTo("[\"ReadWriteMany\"]");
    assertThat(text(claim, "/metadata/annotations/helm.sh~1resource-policy")).isEqualTo("keep");
    for (String service : SERVICES) {
      List<String> claims = claimNames(manifests.one("Deployment", service));
      assertThat(claims)
          .isEqualTo(service.equals("gateway") ? List.of() : List.of("mill-millrace-objects"));
    }
    Manifests existing = render("gpu");
    assertThat(existing.ofKind("PersistentVolumeClaim")).isEmpty();
    assertThat(claimNames(existing.one("Deployment", "data-service")))
        .containsExactly("shared-objects");
  }

  @Test
  void asksForAGpuOnlyIfToldTo() {
    for (JsonNode deployment : render("minimal").ofKind("Deployment")) {
      assertThat(container(deployment).has("resources")).isFalse();
    }
    Manifests manifests = render("gpu");
    JsonNode training = manifests.one("Deployment", "training-service");
    assertThat(container(training).at("/resources").toString())
        .isEqualTo("{\"limits\":{\"memory\":\"32Gi\",\"nvidia.com/gpu\":1}}");
    assertThat(text(training, "/spec/template/spec/runtimeClassName")).isEqualTo("nvidia");
    assertThat(text(container(training), "/image"))
        .isEqualTo("registry.example.com/millrace-cuda:0.1.0-cu128");
    assertThat(text(manifests.one("ConfigMap", "training-service"), "/data/MILLRACE_ENGINE_DEVICE"))
        .isEqualTo("cuda:0");
    assertThat(container(manifests.one("Deployment", "data-service")).has("resources")).isFalse();
    assertThat(text(container(manifests.one("Deployment", "gateway")), "/image"))
        .isEqualTo("registry.example.com/millrace:0.1.0");
  }

  @Test
  void hasADisruptionBudgetOnlyWhereThereIsMoreThanOneReplica() {
    assertThat(render("minimal").ofKind("PodDisruptionBudget")).isEmpty();
    assertThat(render("ha").ofKind("PodDisruptionBudget")).hasSize(4);
    assertThat(render("ha", "gateway: {replicas: 1}").ofKind("PodDisruptionBudget")).hasSize(3);
  }

  @Test
  void spreadsReplicasOverNodesWhereThereIsMoreThanOne() {
    String spread = "/spec/template/spec/topologySpreadConstraints";
    assertThat(render("minimal").ofKind("Deployment"))
        .allSatisfy(deployment -> assertThat(deployment.at(spread).isMissingNode()).isTrue());
    assertThat(render("ha").ofKind("Deployment"))
        .allSatisfy(deployment ->
            assertThat(deployment.at(spread + "/0/labelSelector/matchLabels"))
                .isEqualTo(deployment.at("/spec/selector/matchLabels")));
  }

  @Test
  void hasAnIngressAndAServiceMonitorOnlyIfToldTo() {
    Manifests minimal = render("minimal");
    assertThat(minimal.ofKind("Ingress")).isEmpty();
    assertThat(minimal.ofKind("ServiceMonitor")).isEmpty();
    Manifests all = render("ha");
    assertThat(text(all.one("Ingress", ""), "/spec/rules/0/http/paths/0/backend/service/name"))
        .isEqualTo("mill-millrace-gateway");
    assertThat(all.ofKind("ServiceMonitor")).hasSize(2);
    for (JsonNode monitor : all.ofKind("ServiceMonitor")) {
      assertThat(text(monitor, "/spec/endpoints/0/path")).isEqualTo("/actuator/prometheus");
    }
  }

  @Test
  void showsTheKeyForMetricsToTheGatewayAndTheTokenToServices() {
    Manifests manifests = render("ha");
    JsonNode services = manifests.one("ServiceMonitor", "mill-millrace");
    JsonNode gateway = manifests.one("ServiceMonitor", "mill-millrace-gateway");

    assertThat(services.at("/spec/selector/matchExpressions").toString())
        .isEqualTo(
            "[{\"key\":\"app.kubernetes.io/component\",\"operator\":\"NotIn\",\"values\":[\"gateway\"]}]");
    assertThat(services.at("/spec/endpoints/0/authorization").toString())
        .isEqualTo(
            "{\"type\":\"Bearer\",\"credentials\":{\"name\":\"millrace-metrics\",\"key\":\"token\"}}");
    for (String service : SERVICES) {
      assertThat(
              walk(container(manifests.one("Deployment", service)).at("/env"))
                  .filter(
                      variable -> text(variable, "/name").equals("MILLRACE_INTERNAL_METRICSTOKEN"))
                  .map(variable -> text(variable, "/valueFrom/secretKeyRef/key")))
          .as(service)
          .isEqualTo(service.equals("gateway") ? List.of() : List.of("token"));
    }
    assertThat(text(gateway, "/spec/selector/matchExpressions/0/operator")).isEqualTo("In");
    assertThat(gateway.at("/spec/endpoints/0/authorization").toString())
        .isEqualTo(
            "{\"type\":\"Bearer\",\"credentials\":{\"name\":\"millrace-metrics\",\"key\":\"api-key\"}}");
    assertThat(
            render("ha", "serviceMonitor: {gatewayKey: {existingSecret: ''}}")
                .ofKind("ServiceMonitor"))
        .containsExactly(services);
  }

  @Test
  void letsServicesBeReachedByTheGatewayOnly() {
    Manifests manifests = render("ha");

    for (String service : SERVICES.subList(1, 4)) {
      JsonNode policy = manifests.one("NetworkPolicy", service);
      assertThat(
              text(
                  policy,
                  "/spec/ingress/0/from/0/podSelector/matchLabels/app.kubernetes.io~1component"))
          .isEqualTo("gateway");
      assertThat(walk(policy.at("/spec/egress")).map(rule -> rule.at("/port").intValue(0)))
          .contains(53, 5432, 9092, 9094);
      for (JsonNode rule : policy.at("/spec/ingress")) {
        assertThat(rule.at("/from").isEmpty()).as("open to all: %s", policy).isFalse();
      }
    }
    assertThat(
            walk(manifests.one("NetworkPolicy", "gateway").at("/spec/egress"))
                .map(rule -> rule.at("/port").intValue(0)))
        .contains(5432)
        .doesNotContain(9092);
    assertThat(render("ha", "networkPolicy: {enabled: false}").ofKind("NetworkPolicy")).isEmpty();
  }

  @Test
  void restartsExactlyThePodsWhoseSettingsChange() {
    Manifests before = render("minimal");
    Manifests own = render("minimal", "dataService: {config: {MILLRACE_DATA_PARTITIONS: '2'}}");
    Manifests shared = render("minimal", "kafka: {topicPrefix: other.}");

    assertThat(changed(before, before)).isEmpty();
    assertThat(changed(before, own)).containsExactly("data-service");
    assertThat(changed(before, shared))
        .containsExactly("data-service", "training-service", "inference-service");
  }

  @ParameterizedTest
  @CsvSource({
    "image.repository, image.repository is required: no image of Millrace is published",
    "kafka.bootstrapServers, kafka.bootstrapServers is required",
    "postgresql.host, postgresql.host is required",
    "postgresql.existingSecret, postgresql.existingSecret is required",
    "internal.existingSecret, internal.existingSecret is required"
  })
  void saysWhichValueIsMissing(String value, String message) {
    String override = value.replace(".", ": {") + ": ''}";
    assertThatThrownBy(() -> render("minimal", override)).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "kafka: {minInsyncReplicas: 3, replicationFactor: 2} | must not be larger than",
        "gateway: {shutdownSeconds: 60} | gateway.terminationGracePeriodSeconds (60) must be larger",
        "postgresql: {sslMode: verify-ca} | postgresql.caSecret is required",
        "ingress: {enabled: true} | ingress.hosts is required",
        "serviceMonitor: {enabled: true} | serviceMonitor.metricsToken.existingSecret is required",
        "dataService: {config: {SERVER_PORT: '1'}} | dataService.config.SERVER_PORT is set by the chart",
      })
  void refusesValuesThatContradictEachOther(String values, String message) {
    assertThatThrownBy(() -> render("minimal", values)).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "1st, {}, 1st-millrace-...",
    "v1.0, {}, v1.0-millrace-...",
    "9millrace, {}, 9millrace-..."
  })
  void refusesNamesThatAServiceMayNotHave(String release, String values, String name) {
    assertThatThrownBy(() -> render(release, "minimal", values))
        .hasMessageContaining("release name \"" + release + "\"")
        .hasMessageContaining("the name " + name + ", which Kubernetes refuses")
        .hasMessageContaining("set fullnameOverride");
  }

  @ParameterizedTest
  @CsvSource({
    "mill, {}",
    "millrace, {}",
    "a, {}",
    "1st, fullnameOverride: first",
    "a-release-name-of-fifty-three-characters-is-a-long-1, {}",
    "mill--------------------------------------------x, {}"
  })
  void namesEverythingAsKubernetesWants(String release, String values) {
    Manifests manifests = render(release, "ha", values);

    assertThat(manifests.all())
        .allSatisfy(manifest ->
            assertThat(text(manifest, "/metadata/name"))
                .hasSizeLessThanOrEqualTo(63)
                .matches("[a-z]([-a-z0-9]*[a-z0-9])?"));
    assertThat(manifests.ofKind("Service")).hasSize(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "replicaCount: 2 | 'replicaCount' not allowed",
        "kafka: {bootstrapservers: 'x:1'} | 'bootstrapservers' not allowed",
        "kafka: {bootstrapServers: 'no-port'} | /kafka/bootstrapServers",
        "gateway: {replicas: -1} | /gateway/replicas",
        "gateway: {gpu: {enabled: true}} | 'gpu' not allowed",
        "objectStore: {accessMode: ReadWriteOncePod} | /objectStore/accessMode",
        "podSecurity: {runAsUser: 0} | /podSecurity/runAsUser",
        "postgresql: {password: hush} | 'password' not allowed",
        "internal: {secret: hush} | 'secret' not allowed",
        "dataService: {config: {MILLRACE_INTERNAL_SECRET: hush}} | invalid propertyName 'MILLRACE_INTERNAL_SECRET'",
        "dataService: {extraEnv: [{name: DB_PASSWORD, value: hush}]} | /dataService/extraEnv/0",
      })
  void refusesWhatTheSchemaDoesNotKnow(String values, String message) {
    assertThatThrownBy(() -> render("minimal", values)).hasMessageContaining(message);
  }

  @Test
  void refusesAnOldKubernetes() {
    assertThatThrownBy(() -> HelmChart.template("minimal").withKubeVersion("1.29.0").call())
        .hasMessageContaining("1.30");
  }

  @Test
  void describesEveryValueInSchemaAndReadme() {
    JsonNode schema = HelmChart.schema();
    String readme = HelmChart.readme();
    List<String> leaves = new ArrayList<>();
    leaves("", HelmChart.values(), leaves);

    assertThat(leaves).hasSizeGreaterThan(100);
    for (String leaf : leaves) {
      JsonNode described = schema;
      JsonNode value = HelmChart.values();
      for (String key : leaf.split("\\.")) {
        described = resolve(schema, described).at("/properties/" + key);
        value = value.get(key);
        assertThat(described.isMissingNode()).as("%s in values.schema.json", leaf).isFalse();
      }
      // Only the spaces between the parts differ.
      assertThat(readme.replace(", ", ",").replace(": ", ":"))
          .as("%s and its default in README.md", leaf)
          .contains("| `" + leaf + "` | `" + value + "` |");
    }
    assertThat(readme.lines().filter(line -> line.startsWith("| `")).count())
        .as("rows of README.md")
        .isEqualTo(leaves.size());
  }

  @Test
  void closesEveryObjectOfTheSchema() {
    assertThat(walk(HelmChart.schema()).filter(node -> node.has("properties")))
        .filteredOn(node -> text(node, "/type").equals("object"))
        .hasSizeGreaterThan(20)
        .allSatisfy(
            node -> assertThat(node.at("/additionalProperties").booleanValue(true)).isFalse());
  }

  @Test
  void printsACommandThatAsksForTheServedModels(@TempDir Path directory) {
    assertThat(HelmChart.notes(directory, "ha", "{}"))
        .contains(
            "kubectl -n apps wait --for=condition=Available --timeout=10m",
            "deployment -l app.kubernetes.io/instance=mill,app.kubernetes.io/part-of=millrace",
            "kubectl -n apps port-forward service/mill-millrace-gateway 8080:8080",
            "get secret millrace-bootstrap -o go-template='{{index .data \"api-key\" | base64decode}}'",
            "curl -H \"Authorization: Bearer $KEY\" http://127.0.0.1:8080/v1/models",
            "curl -H \"Authorization: Bearer $KEY\" https://millrace.example.com/v1/models");
    assertThat(HelmChart.notes(directory, "minimal", "objectStore: {accessMode: ReadWriteOnce}"))
        .contains("set gateway.bootstrapKey.existingSecret", "must run on one node");
  }

  private static JsonNode container(JsonNode deployment) {
    return deployment.at("/spec/template/spec/containers/0");
  }

  private static List<String> claimNames(JsonNode deployment) {
    return walk(deployment.at("/spec/template/spec/volumes"))
        .filter(volume -> volume.has("persistentVolumeClaim"))
        .map(volume -> text(volume, "/persistentVolumeClaim/claimName"))
        .toList();
  }

  private static List<String> changed(Manifests before, Manifests after) {
    String checksum = "/spec/template/metadata/annotations/checksum~1config";
    return SERVICES.stream()
        .filter(service ->
            !text(before.one("Deployment", service), checksum)
                .equals(text(after.one("Deployment", service), checksum)))
        .toList();
  }

  private static void leaves(String prefix, JsonNode node, List<String> leaves) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String name = prefix + entry.getKey();
      if (entry.getValue().isObject() && !entry.getValue().isEmpty()) {
        leaves(name + ".", entry.getValue(), leaves);
      } else {
        leaves.add(name);
      }
    }
  }

  private static JsonNode resolve(JsonNode schema, JsonNode node) {
    String reference = text(node, "/$ref");
    return reference.isEmpty() ? node : schema.at(reference.substring(1));
  }
}
