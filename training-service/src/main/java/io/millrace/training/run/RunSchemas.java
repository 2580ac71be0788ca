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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    Map<String, List<String>> owners = new HashMap<>();
    for (Task<?> task : tasks.all()) {
      for (Map.Entry<String, JsonNode> option : json.valueToTree(task.standard()).properties()) {
        List<String> names = owners.computeIfAbsent(option.getKey(), key -> new ArrayList<>());
        names.add(task.name());
        schema.addProperty(
            option.getKey(),
            typed(option.getValue())
                .description(
                    "Of runs of task %s alone; left out: %s"
                        .formatted(String.join(" or task ", names), option.getValue())));
      }
    }
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
