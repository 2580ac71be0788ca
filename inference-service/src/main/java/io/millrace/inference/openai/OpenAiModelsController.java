package io.millrace.inference.openai;

import io.millrace.inference.swap.ModelStatus;
import io.millrace.inference.swap.Models;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelVersion;
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
            .map(ModelStatus::serving)
            .filter(version -> version != null)
            .map(OpenAiModelsController::json)
            .toList();
    return Map.of("object", "list", "data", data);
  }

  @GetMapping("/v1/models/{name}")
  Map<String, Object> get(@PathVariable String name) {
    ModelVersion version = models.get(name).serving();
    if (version == null) {
      throw MillraceException.notFound("model", name);
    }
    return json(version);
  }

  private static Map<String, Object> json(ModelVersion version) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", version.model());
    json.put("object", "model");
    json.put("created", version.createdAt().getEpochSecond());
    json.put("owned_by", "millrace");
    return json;
  }
}
