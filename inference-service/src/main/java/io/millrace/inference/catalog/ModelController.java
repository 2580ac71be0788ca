package io.millrace.inference.catalog;

import io.millrace.inference.swap.Models;
import io.swagger.v3.oas.annotations.Operation;
import java.util.List;
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

  /** All models. */
  record ModelList(List<ModelJson> models) {}

  @Operation(
      operationId = "listModels",
      summary = "List the models and what became of their versions")
  @GetMapping("/api/models")
  ModelList list() {
    return new ModelList(models.list().stream().map(ModelJson::of).toList());
  }

  @Operation(operationId = "getModel", summary = "Get a model and what became of its versions")
  @GetMapping("/api/models/{name}")
  ModelJson get(@PathVariable String name) {
    return ModelJson.of(models.get(name));
  }
}
