package io.millrace.inference.catalog;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.millrace.inference.swap.ModelStatus;
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
  private final Ownership ownership;

  ModelController(Models models, Ownership ownership) {
    this.models = models;
    this.ownership = ownership;
  }

  /** A model with all that there is of it. */
  record OwnedModel(
      @JsonUnwrapped ModelJson model, @JsonUnwrapped VersionController.VersionList owned) {}

  /** All models. */
  record ModelList(List<ModelJson> models) {}

  @Operation(
      operationId = "listModels",
      summary = "List the models and what became of their versions")
  @GetMapping("/api/models")
  ModelList list() {
    return new ModelList(models.list().stream().map(ModelJson::of).toList());
  }

  @Operation(operationId = "getModel", summary = "Get a model with its versions")
  @GetMapping("/api/models/{name}")
  OwnedModel get(@PathVariable String name) {
    ModelStatus status = models.get(name);
    return new OwnedModel(
        ModelJson.of(status), VersionController.VersionList.of(ownership.versions(status.name())));
  }
}
