package io.millrace.standalone.helm;

import static io.millrace.standalone.helm.HelmChart.render;
import static io.millrace.standalone.helm.HelmChart.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every alert has a runbook, every runbook an alert; the chart renders them as they are. */
class HelmAlertsTest {
  private static final Path REPOSITORY = Path.of("..");
  private static final String RUNBOOKS = "docs/operations/runbooks/";

  @Test
  void leadsEveryAlertToItsRunbookAndBack() throws IOException {
    TreeSet<String> named = new TreeSet<>();
    for (JsonNode alert : alerts()) {
      String runbook = text(alert, "/annotations/runbook");
      assertThat(runbook).as("%s", alert).startsWith(RUNBOOKS);
      assertThat(REPOSITORY.resolve(runbook))
          .content()
          .startsWith("# " + text(alert, "/alert") + "\n")
          .contains("**What it means.**", "**Look.**", "**Do.**");
      named.add(runbook.substring(RUNBOOKS.length()));
    }
    try (Stream<Path> files = Files.list(REPOSITORY.resolve(RUNBOOKS))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(named);
    }
  }

  @Test
  void saysHowBadItIsAndWhat() {
    for (JsonNode alert : alerts()) {
      assertThat(text(alert, "/labels/severity"))
          .as("%s", alert)
          .isIn("critical", "warning", "info");
      assertThat(text(alert, "/annotations/summary")).as("%s", alert).endsWith(".");
      assertThat(text(alert, "/expr")).as("%s", alert).isNotBlank();
    }
    assertThat(alerts()).extracting(alert -> text(alert, "/alert")).doesNotHaveDuplicates();
  }

  @Test
  void rendersAlertsAndDashboardsOnlyIfToldTo() throws IOException {
    var manifests = render("autoscaling");

    assertThat(manifests.one("PrometheusRule", "").at("/spec"))
        .isEqualTo(HelmChart.yaml("alerts/millrace.yaml"));
    assertThat(text(manifests.one("PrometheusRule", ""), "/metadata/labels/release"))
        .isEqualTo("prometheus");
    try (Stream<Path> files = Files.list(REPOSITORY.resolve("helm/millrace/dashboards"))) {
      for (String file : files.map(path -> path.getFileName().toString()).toList()) {
        JsonNode map = manifests.one("ConfigMap", "-" + file.replace(".json", "") + "-dashboard");
        assertThat(text(map, "/metadata/labels/grafana_dashboard")).isEqualTo("1");
        assertThat(text(map, "/metadata/annotations/grafana_folder")).isEqualTo("Millrace");
        assertThat(HelmChart.json(map.at("/data").get(file).asString()))
            .isEqualTo(HelmChart.json(HelmChart.read("dashboards/" + file)));
      }
    }
    assertThat(render("minimal").ofKind("PrometheusRule")).isEmpty();
    assertThat(render("minimal").ofKind("ConfigMap")).hasSize(4);
  }

  private static List<JsonNode> alerts() {
    return HelmChart.yaml("alerts/millrace.yaml").at("/groups/0/rules").valueStream().toList();
  }
}
