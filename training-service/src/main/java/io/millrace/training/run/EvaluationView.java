package io.millrace.training.run;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An evaluation of a run's model, as REST clients see it.
 *
 * @param run its id
 * @param model that was evaluated
 * @param version of the model
 * @param step of the run
 * @param pictures names of pictures of it
 * @param evaluation the evaluation itself, as its task tells it
 */
record EvaluationView(
    String run,
    String model,
    int version,
    long step,
    List<String> pictures,
    @Schema(type = "object", additionalProperties = Schema.AdditionalPropertiesValue.TRUE)
        JsonNode evaluation) {

  static EvaluationView of(Run run, RunEvaluations.Stored stored, JsonMapper json) {
    return new EvaluationView(
        run.id(),
        stored.version().model(),
        stored.version().version(),
        stored.version().step(),
        stored.pictures(),
        json.readTree(stored.json()));
  }
}
