package io.millrace.inference.openai;

import io.millrace.inference.swap.ModelStatus;
import io.millrace.inference.swap.Models;
import io.millrace.platform.error.MillraceException;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Instant;
import java.util.List;
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

  /**
   * A model as OpenAI describes one.
   *
   * @param created seconds of Unix time; the model's time, not its newest version's
   */
  record OpenAiModel(String id, String object, long created, String ownedBy) {
    static OpenAiModel of(ModelStatus status) {
      Instant created = status.created();
      return new OpenAiModel(
          status.name(), "model", created == null ? 0 : created.getEpochSecond(), "millrace");
    }
  }

  /** The models that serve. */
  record OpenAiModelList(String object, List<OpenAiModel> data) {}

  @Operation(operationId = "listOpenAiModels", summary = "List the models that serve")
  @GetMapping("/v1/models")
  OpenAiModelList list() {
    List<OpenAiModel> data =
        models.list().stream()
            .filter(status -> status.serving() != null)
            .map(OpenAiModel::of)
            .toList();
    return new OpenAiModelList("list", data);
  }

  @Operation(operationId = "getOpenAiModel", summary = "Get a model that serves")
  @GetMapping("/v1/models/{name}")
  OpenAiModel get(@PathVariable String name) {
    ModelStatus status = models.get(name);
    if (status.serving() == null) {
      throw MillraceException.notFound("model", name);
    }
    return OpenAiModel.of(status);
  }
}
