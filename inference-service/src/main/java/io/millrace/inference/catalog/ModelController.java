package io.millrace.inference.catalog;

import io.millrace.inference.swap.Models;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The models of this service. */
@RestController
class ModelController {

  private final Models models;

  ModelController(Models models) {
    this.models = models;
  }

  @GetMapping("/api/models")
  Map<String, List<ModelJson>> list() {
    return Map.of("models", models.list().stream().map(ModelJson::of).toList());
  }

  @GetMapping("/api/models/{name}")
  ModelJson get(@PathVariable String name) {
    return ModelJson.of(models.get(name));
  }
}
