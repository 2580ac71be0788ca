package io.millrace.standalone.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What documents print of Helm is what Helm takes, and does to a cluster what they say. */
@Timeout(600)
class HelmPrintedCommandsTest extends OnApiServer {
  @Test
  void theTutorialGoesFromAnInstallationToItsEnd() throws Exception {
    List<PrintedHelm> commands = PrintedHelm.of(Path.of("docs/tutorials/helm.md"));
    assertThat(commands)
        .extracting(PrintedHelm::verb)
        .containsExactly("install", "test", "upgrade", "history", "rollback", "uninstall");

    run(commands.get(0));
    run(commands.get(1));
    TreeSet<String> installed = deployments();
    assertThat(installed).contains("millrace-gateway", "millrace-inference-service");
    assertThat(names("Secret")).contains("millrace-evaluation");
    assertThat(names("Service")).contains("millrace-gateway");
    namesWhatIsThere(Path.of("docs/tutorials/helm.md"), 3);

    run(commands.get(2));
    run(commands.get(3));
    TreeSet<String> added = deployments();
    added.removeAll(installed);
    assertThat(added).hasSize(1);
    assertThat(object("Deployment", added.first()).at("/spec/replicas").intValue()).isEqualTo(2);

    run(commands.get(4));
    assertThat(deployments()).isEqualTo(installed);

    run(commands.get(5));
    assertThat(deployments()).isEmpty();
    assertThat(names("PersistentVolumeClaim")).containsExactly("millrace-objects");
  }

  @Test
  void theChartsReadmeInstallsForEvaluationAndForReal() throws Exception {
    List<PrintedHelm> commands = PrintedHelm.of(Path.of("helm/millrace/README.md"));
    assertThat(commands)
        .extracting(PrintedHelm::verb)
        .containsExactly("install", "test", "install");
    run(commands.get(0));
    run(commands.get(1));
    run(new PrintedHelm("uninstall", List.of("millrace"), "millrace", Map.of(), List.of()));

    run(commands.get(2));

    assertThat(
            object("Deployment", "millrace-gateway")
                .at("/spec/template/spec/containers/0/image")
                .asString())
        .isEqualTo("registry.example.com/millrace/gateway:0.1.0");
    assertThat(api.objects("StatefulSet")).isEmpty();
    namesWhatIsThere(Path.of("helm/millrace/README.md"), 4);
  }

  @Test
  void kubectlIsComparedWithWhatTheReleaseHas() throws Exception {
    run(PrintedHelm.of(Path.of("docs/tutorials/helm.md")).getFirst());
    assertThat(
            List.of(
                "wait --for=condition=Available deployment -l app.kubernetes.io/part-of=mill",
                "port-forward service/millrace-gateway 8080:80",
                "get secret millrace-evaluation -o go-template='{{index .data \"key\" | base64decode}}'",
                "create secret generic millrace-postgresql --from-literal=secret=x",
                "get pods"))
        .allSatisfy(line -> assertThat(new PrintedKubectl(line).missing(api)).hasSize(1));
  }

  private void namesWhatIsThere(Path document, int commands) throws Exception {
    assertThat(PrintedKubectl.of(document))
        .hasSize(commands)
        .allSatisfy(command -> assertThat(command.missing(api)).isEmpty());
  }

  private void run(PrintedHelm command) throws Exception {
    assertThat(command.namespace()).isEqualTo("millrace");
    Map<String, JsonNode> secrets =
        api.objects("Secret").stream()
            .collect(Collectors.toMap(HelmPrintedCommandsTest::name, Function.identity()));
    command.run(kubeconfig, secrets, directory);
  }

  private TreeSet<String> deployments() {
    return names("Deployment");
  }

  private TreeSet<String> names(String kind) {
    return api.objects(kind).stream()
        .map(HelmPrintedCommandsTest::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private JsonNode object(String kind, String name) {
    return api.objects(kind).stream()
        .filter(object -> name(object).equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String name(JsonNode object) {
    return object.at("/metadata/name").asString();
  }
}
