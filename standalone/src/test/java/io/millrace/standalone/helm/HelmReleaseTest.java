package io.millrace.standalone.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.Release;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The real Helm installs, upgrades, rolls back and uninstalls the chart by a Kubernetes API. */
@Timeout(600)
class HelmReleaseTest extends OnApiServer {
  private static final int PATIENCE = 240;

  @Test
  void installsWhatIsRenderedAfterTheTopicsAreMade() {
    Release release = install("minimal", "{}");

    assertThat(release.getStatus()).isEqualTo("deployed");
    assertThat(release.getRevision()).isEqualTo("1");
    Map<String, JsonNode> installed = specs();
    for (JsonNode manifest : HelmChart.render("minimal").all()) {
      JsonNode object = installed.get(name(manifest));
      assertThat(object).as(name(manifest)).isNotNull();
      assertContains(object, manifest, name(manifest));
    }
    List<String> changes = api.changes();
    assertThat(changes)
        .containsSubsequence(
            "POST jobs/mill-millrace-topics",
            "DELETE jobs/mill-millrace-topics",
            "POST deployments/mill-millrace-data-service");
    assertThat(api.objects("Job")).isEmpty();
    assertThat(secrets()).containsExactly("sh.helm.release.v1.mill.v1");
  }

  @Test
  void upgradesWhatChangedAndNothingElse() {
    install("minimal", "{}");
    Map<String, JsonNode> before = specs();

    Release release =
        upgrade(
            "minimal",
            "dataService: {replicas: 2, config: {MILLRACE_DATA_PARTITIONS: '2'}}",
            false);

    assertThat(release.getRevision()).isEqualTo("2");
    Map<String, JsonNode> after = specs();
    assertThat(differences(before, after))
        .containsExactly(
            "ConfigMap/mill-millrace-data-service",
            "Deployment/mill-millrace-data-service",
            "PodDisruptionBudget/mill-millrace-data-service");
    JsonNode data = after.get("Deployment/mill-millrace-data-service");
    assertThat(data.at("/spec/replicas").intValue()).isEqualTo(2);
    assertThat(data.at("/spec/template/spec/containers/0/command"))
        .isEqualTo(
            before
                .get("Deployment/mill-millrace-data-service")
                .at("/spec/template/spec/containers/0/command"));
    assertThat(api.changes().stream().filter("POST jobs/mill-millrace-topics"::equals)).hasSize(2);
  }

  @Test
  void leavesTheReplicasToTheAutoscaler() {
    install("minimal", "dataService: {autoscaling: {enabled: true}}");
    assertThat(api.objects("HorizontalPodAutoscaler")).hasSize(1);
    api.scale("mill-millrace-data-service", 3);

    upgrade(
        "minimal",
        "dataService: {autoscaling: {enabled: true}, config: {MILLRACE_DATA_PARTITIONS: '2'}}",
        false);

    assertThat(specs().get("Deployment/mill-millrace-data-service").at("/spec/replicas").intValue())
        .isEqualTo(3);
  }

  @Test
  void rollsBackAnUpgradeWhosePodsDoNotGetReady() {
    install("minimal", "{}");
    Map<String, JsonNode> before = specs();

    assertThatThrownBy(() ->
            upgrade(
                "minimal",
                "{image: {tag: broken}, networkPolicy: {enabled: false}, inference: {language: {tasks: [language]}}}",
                true))
        .hasMessageContaining("rolled back due to atomic being set");

    assertThat(differences(before, specs())).isEmpty();
    assertThat(Helm.history("mill").withNamespace("apps").withKubeConfig(kubeconfig).call())
        .extracting(revision -> revision.getRevision() + " " + revision.getStatus())
        .containsExactlyInAnyOrder("1 superseded", "2 failed", "3 deployed");
  }

  /**
   * What {@code helm rollback} does of its own accord, which the library has as a part of an atomic
   * upgrade only: the values of an earlier revision, and nothing of those since.
   */
  @Test
  void goesBackToTheValuesOfAnEarlierRevision() {
    install("minimal", "{}");
    Map<String, JsonNode> before = specs();
    upgrade(
        "minimal",
        "{image: {tag: next}, networkPolicy: {enabled: false}, dataService: {replicas: 2},"
            + " inference: {language: {tasks: [language], replicas: 2}}}",
        false);
    assertThat(differences(before, specs()))
        .contains(
            "Deployment/mill-millrace-gateway",
            "Deployment/mill-millrace-inference-language",
            "NetworkPolicy/mill-millrace-data-service");

    upgrade("minimal", "{}", false);

    assertThat(differences(before, specs())).isEmpty();
    assertThat(api.changes())
        .containsSubsequence(
            "POST deployments/mill-millrace-inference-language",
            "DELETE deployments/mill-millrace-inference-language");
    assertThat(Helm.history("mill").withNamespace("apps").withKubeConfig(kubeconfig).call())
        .extracting(revision -> revision.getRevision() + " " + revision.getStatus())
        .containsExactlyInAnyOrder("1 superseded", "2 superseded", "3 deployed");
  }

  @Test
  void uninstallsAllButTheClaimThatIsToBeKept() {
    install("ha", "{}");

    uninstall();

    assertThat(specs().keySet()).containsExactly("PersistentVolumeClaim/mill-millrace-objects");
    assertThat(secrets()).isEmpty();
  }

  @Test
  void uninstallsTheClaimTooIfItIsNotToBeKept() {
    install("minimal", "objectStore: {keepOnUninstall: false}");

    uninstall();

    assertThat(api.objects()).isEmpty();
  }

  @Test
  void keepsTheSecretsOfAnEvaluationAsLongAsItLasts() {
    install("evaluation", "{}");
    JsonNode made = secret();

    upgrade("evaluation", "dataService: {replicas: 2}", false);
    assertThat(secret()).isEqualTo(made);
    assertThat(made.at("/stringData/api-key").asString())
        .matches("mr_[a-z0-9]{10}_[A-Za-z0-9]{43}");
    assertThat(api.changes())
        .containsSubsequence(
            "POST secrets/mill-millrace-evaluation",
            "POST statefulsets/mill-millrace-kafka",
            "POST jobs/mill-millrace-topics");

    uninstall();
    assertThat(specs().keySet()).containsExactly("PersistentVolumeClaim/mill-millrace-objects");
  }

  @Test
  void runsItsTest() {
    install("evaluation", "{}");

    Helm.test("mill").withNamespace("apps").withKubeConfig(kubeconfig).withTimeout(PATIENCE).call();

    assertThat(api.changes())
        .containsSubsequence("POST pods/mill-millrace-test", "DELETE pods/mill-millrace-test");
  }

  private Release install(String values, String yaml) {
    return HelmChart.withValues(
        values,
        yaml,
        (chart, files) -> {
          var install =
              new Helm(chart)
                  .install()
                  .withName("mill")
                  .withNamespace("apps")
                  .withKubeConfig(kubeconfig)
                  .disableOpenApiValidation()
                  .waitReady()
                  .withTimeout(PATIENCE);
          files.forEach(install::withValuesFile);
          return install.call();
        });
  }

  private Release upgrade(String values, String yaml, boolean fails) {
    return HelmChart.withValues(
        values,
        yaml,
        (chart, files) -> {
          var upgrade =
              new Helm(chart)
                  .upgrade()
                  .withName("mill")
                  .withNamespace("apps")
                  .withKubeConfig(kubeconfig)
                  .disableOpenApiValidation()
                  .waitReady()
                  .withTimeout(fails ? 12 : PATIENCE);
          if (fails) {
            upgrade.atomic();
          }
          files.forEach(upgrade::withValuesFile);
          return upgrade.call();
        });
  }

  private void uninstall() {
    Helm.uninstall("mill").withNamespace("apps").withKubeConfig(kubeconfig).call();
  }

  /** All objects but Helm's own records, by kind and name, as they were asked for. */
  private Map<String, JsonNode> specs() {
    return api.objects().stream()
        .filter(object -> !name(object).startsWith("Secret/sh.helm."))
        .collect(
            Collectors.toMap(
                HelmReleaseTest::name,
                object -> {
                  var asked = (tools.jackson.databind.node.ObjectNode) object.deepCopy();
                  asked.remove("status");
                  asked
                      .withObject("/metadata")
                      .remove(List.of("resourceVersion", "generation", "uid", "creationTimestamp"));
                  return asked;
                },
                (a, b) -> a,
                TreeMap::new));
  }

  private static List<String> differences(
      Map<String, JsonNode> before, Map<String, JsonNode> after) {
    TreeMap<String, JsonNode> all = new TreeMap<>(before);
    all.putAll(after);
    return all.keySet().stream()
        .filter(name -> !java.util.Objects.equals(before.get(name), after.get(name)))
        .toList();
  }

  private List<String> secrets() {
    return api.objects("Secret").stream()
        .map(object -> object.at("/metadata/name").asString())
        .toList();
  }

  private JsonNode secret() {
    return api.objects("Secret").stream()
        .filter(object -> name(object).endsWith("-evaluation"))
        .findFirst()
        .orElseThrow();
  }

  private static String name(JsonNode object) {
    return object.at("/kind").asString() + "/" + object.at("/metadata/name").asString();
  }

  /**
   * Everything that was asked for is there; what is filled in beside it is Kubernetes' business.
   */
  private static void assertContains(JsonNode object, JsonNode asked, String path) {
    if (asked.isObject()) {
      asked
          .properties()
          .forEach(field ->
              assertContains(
                  object.path(field.getKey()), field.getValue(), path + "/" + field.getKey()));
    } else if (asked.isArray()) {
      assertThat(object.size()).as(path).isEqualTo(asked.size());
      for (int i = 0; i < asked.size(); i++) {
        assertContains(object.get(i), asked.get(i), path + "/" + i);
      }
    } else {
      assertThat(object.asString("")).as(path).isEqualTo(asked.asString(""));
    }
  }
}
