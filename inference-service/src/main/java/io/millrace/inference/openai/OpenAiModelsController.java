package io.millrace.inference.openai;

import io.millrace.inference.swap.ModelStatus;
import io.millrace.inference.swap.Models;
import io.millrace.platform.error.MillraceException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** OpenAI's list of models: those that serve. */
@RestController
class OpenAiModelsController {

  private final Models models;

  OpenAiModelsController(Models models) {
    this.models = models;
  }

  @GetMapping("/v1/models")
  Map<String, Object> list() {
    List<Map<String, Object>> data =
        models.list().stream()
            .filter(status -> status.serving() != null)
            .map(OpenAiModelsController::json)
            .toList();
    return Map.of("object", "list", "data", data);
  }

  @GetMapping("/v1/models/{name}")
  Map<String, Object> get(@PathVariable String name) {
    ModelStatus status = models.get(name);
    if (status.serving() == null) {
      throw MillraceException.notFound("model", name);
    }
    return json(status);
  }

  private static Map<String, Object> json(ModelStatus status) {
    Instant created = status.created();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", status.name());
    json.put("object", "model");
    // The model's time, not its newest version's; the API's form are Unix seconds.
    json.put("created", created == null ? 0 : created.getEpochSecond());
    json.put("owned_by", "millrace");
    return json;
  }
}
