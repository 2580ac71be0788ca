package io.millrace.standalone.reference;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A dashboard in Grafana's JSON model; its data source is a variable. */
final class Dashboard {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int COLUMNS = 3;
  private static final int WIDTH = 24 / COLUMNS;
  private static final int HEIGHT = 8;

  private final String uid;
  private final String title;
  private final List<Panel> panels = new ArrayList<>();

  Dashboard(String uid, String title) {
    this.uid = uid;
    this.title = title;
  }

  /**
   * A chart over time.
   *
   * @param unit as Grafana names it, e.g. {@code s}, {@code bytes}, {@code short}
   */
  record Panel(String title, String description, String unit, List<Query> queries) {}

  /**
   * A line or several.
   *
   * @param expression in PromQL
   * @param legend with labels in double braces
   */
  record Query(String expression, String legend) {}

  Dashboard add(Panel panel) {
    panels.add(panel);
    return this;
  }

  List<Panel> panels() {
    return panels;
  }

  String json() {
    ObjectNode root = JSON.createObjectNode();
    root.put("uid", uid);
    root.put("title", title);
    root.put("schemaVersion", 39);
    root.put("version", 1);
    root.put("editable", true);
    root.put("refresh", "30s");
    root.putArray("tags").add("millrace");
    root.putObject("time").put("from", "now-1h").put("to", "now");
    root.putObject("templating")
        .putArray("list")
        .addObject()
        .put("name", "datasource")
        .put("label", "Data source")
        .put("type", "datasource")
        .put("query", "prometheus")
        .put("refresh", 1);
    ArrayNode charts = root.putArray("panels");
    for (int i = 0; i < panels.size(); i++) {
      write(charts.addObject(), i, panels.get(i));
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static void write(ObjectNode chart, int place, Panel panel) {
    chart.put("id", place + 1);
    chart.put("type", "timeseries");
    chart.put("title", panel.title());
    chart.put("description", panel.description());
    dataSource(chart);
    chart
        .putObject("gridPos")
        .put("x", place % COLUMNS * WIDTH)
        .put("y", place / COLUMNS * HEIGHT)
        .put("w", WIDTH)
        .put("h", HEIGHT);
    ObjectNode fields = chart.putObject("fieldConfig");
    fields.putObject("defaults").put("unit", panel.unit()).put("min", 0);
    fields.putArray("overrides");
    chart
        .putObject("options")
        .putObject("legend")
        .put("displayMode", "list")
        .put("placement", "bottom");
    ArrayNode targets = chart.putArray("targets");
    for (int i = 0; i < panel.queries().size(); i++) {
      Query query = panel.queries().get(i);
      ObjectNode target = targets.addObject();
      target.put("refId", String.valueOf((char) ('A' + i)));
      dataSource(target);
      target.put("expr", query.expression());
      target.put("legendFormat", query.legend());
    }
  }

  private static void dataSource(ObjectNode of) {
    of.putObject("datasource").put("type", "prometheus").put("uid", "${datasource}");
  }
}
