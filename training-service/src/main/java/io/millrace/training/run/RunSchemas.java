package io.millrace.training.run;

import io.millrace.training.task.Task;
import io.millrace.training.task.TaskCatalog;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.NumberSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Describes what tasks add to requests and answers, whose classes know the names at run time alone.
 */
@Component
class RunSchemas implements OpenApiCustomizer {
  private final TaskCatalog tasks;
  private final JsonMapper json;

  RunSchemas(TaskCatalog tasks, JsonMapper json) {
    this.tasks = tasks;
    this.json = json;
  }

  @Override
  public void customise(OpenAPI api) {
    if (api.getComponents() == null || api.getComponents().getSchemas() == null) {
      return;
    }
    api.getComponents()
        .getSchemas()
        .forEach((name, schema) -> {
          if (name.equals("CreateRunBody") || name.equals("RunRequest")) {
            withOptions(schema);
          } else if (name.equals("ProgressView")) {
            withSeries(schema);
          }
        });
  }

  private void withOptions(Schema<?> schema) {
    schema.getProperties().remove("options");
    Map<String, Map<String, JsonNode>> usual = new LinkedHashMap<>();
    for (Task<?> task : tasks.all()) {
      for (Map.Entry<String, JsonNode> option : json.valueToTree(task.standard()).properties()) {
        usual
            .computeIfAbsent(option.getKey(), key -> new LinkedHashMap<>())
            .put(task.name(), option.getValue());
      }
    }
    usual.forEach((option, values) ->
        schema.addProperty(
            option,
            typed(values.values().iterator().next())
                .description(
                    "Of runs of task %s alone; left out: %s"
                        .formatted(String.join(" or task ", values.keySet()), leftOut(values)))));
  }

  /** What an option is that is left out; of each task, if they differ. */
  private static String leftOut(Map<String, JsonNode> values) {
    if (new HashSet<>(values.values()).size() == 1) {
      return values.values().iterator().next().toString();
    }
    return values.entrySet().stream()
        .map(one -> "%s (%s)".formatted(one.getValue(), one.getKey()))
        .collect(Collectors.joining(", "));
  }

  private void withSeries(Schema<?> schema) {
    schema.getProperties().remove("rows");
    for (String name : tasks.series()) {
      schema.addProperty(
          name, new ArraySchema().items(new NumberSchema()).description("As in series"));
    }
  }

  private static Schema<?> typed(JsonNode value) {
    if (value.isIntegralNumber()) {
      return new IntegerSchema();
    }
    if (value.isNumber()) {
      return new NumberSchema();
    }
    return value.isBoolean() ? new BooleanSchema() : new StringSchema();
  }
}
