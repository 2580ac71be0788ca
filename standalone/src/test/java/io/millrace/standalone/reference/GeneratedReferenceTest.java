package io.millrace.standalone.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.metric.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class GeneratedReferenceTest {
  private static final String DASHBOARDS = "helm/millrace/dashboards/";

  /** Of a metric in Prometheus; what follows tells one series of a timer. */
  private static final Pattern NAME =
      Pattern.compile("\\b(millrace_[a-z_]+?)(?:_(?:count|sum|max|bucket))?\\b");

  @Test
  void metricsAreDescribed() throws IOException {
    GeneratedFile.requireUpToDate("docs/reference/metrics.md", MetricsReference.markdown());
  }

  @Test
  void dashboardsAreThose() throws IOException {
    for (Map.Entry<String, Dashboard> one : Dashboards.all().entrySet()) {
      GeneratedFile.requireUpToDate(DASHBOARDS + one.getKey() + ".json", one.getValue().json());
    }
  }

  /** Those that are written by hand too. */
  @Test
  void dashboardsAlertsAndScalingNameMetricsThatExist() throws IOException {
    Set<String> metrics =
        ServiceMetrics.all().values().stream()
            .flatMap(List::stream)
            .map(metric -> metric.spec().prometheus())
            .collect(Collectors.toSet());
    Set<String> named = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of("..", "helm/millrace"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Matcher matcher = NAME.matcher(Files.readString(file));
        while (matcher.find()) {
          named.add(matcher.group(1));
        }
      }
    }

    assertThat(named).hasSizeGreaterThan(20);
    assertThat(metrics).containsAll(named);
  }

  @Test
  void everyMetricHasAChart() {
    List<String> expressions =
        Dashboards.all().values().stream()
            .flatMap(dashboard -> dashboard.panels().stream())
            .flatMap(panel -> panel.queries().stream())
            .map(Dashboard.Query::expression)
            .toList();
    for (List<Metric> metrics : ServiceMetrics.all().values()) {
      for (Metric metric : metrics) {
        assertThat(expressions)
            .anyMatch(expression -> expression.contains(metric.spec().prometheus()));
      }
    }
  }

  @Test
  void dashboardsLetTheirDataSourceBeChosen() {
    for (Dashboard dashboard : Dashboards.all().values()) {
      JsonNode json = JsonMapper.shared().readTree(dashboard.json());
      assertThat(json.path("templating").path("list").path(0).path("type").asString())
          .isEqualTo("datasource");
      Set<String> sources =
          json.findValues("datasource").stream()
              .map(source -> source.path("uid").asString())
              .collect(Collectors.toSet());
      assertThat(sources).containsExactly("${datasource}");
      assertThat(json.path("panels").size()).isEqualTo(dashboard.panels().size()).isPositive();
    }
  }

  @Test
  void namesAreUnique() {
    List<String> ids =
        ServiceMetrics.all().values().stream()
            .flatMap(List::stream)
            .distinct()
            .map(Metric::id)
            .toList();
    assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.startsWith("millrace."));
  }
}
