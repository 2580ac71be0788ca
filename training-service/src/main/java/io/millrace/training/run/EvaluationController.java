package io.millrace.training.run;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Evaluations of runs over REST. */
@RestController
@RequestMapping("/api/runs/{id}/evaluation")
class EvaluationController {
  /** A picture is no page: nothing in it may run or load anything. */
  private static final String POLICY = "default-src 'none'; sandbox";

  private static final MediaType SVG = MediaType.valueOf("image/svg+xml");

  private final RunService runs;
  private final RunEvaluations evaluations;
  private final JsonMapper json;

  EvaluationController(RunService runs, RunEvaluations evaluations, JsonMapper json) {
    this.runs = runs;
    this.evaluations = evaluations;
    this.json = json;
  }

  /** The evaluation of the run's newest checkpoint that has one. */
  @Operation(
      operationId = "getEvaluation",
      summary = "Get the evaluation of a run's newest checkpoint",
      description =
          "Of the newest that has one, or of the version asked for. Detection runs have them: the"
              + " figures of COCO and VOC, curves, a confusion matrix and kinds of errors.")
  @GetMapping
  EvaluationView get(@PathVariable String id, @RequestParam(defaultValue = "0") long version) {
    Run run = runs.get(id);
    return EvaluationView.of(run, evaluations.of(run, version), json);
  }

  /** A picture of an evaluation. */
  @Operation(
      operationId = "getEvaluationPicture",
      summary = "Get a picture of a run's evaluation",
      description = "As SVG, by one of the names that the evaluation lists.")
  @ApiResponse(
      responseCode = "200",
      content = @Content(mediaType = "image/svg+xml", schema = @Schema(type = "string")))
  @GetMapping("/{picture}")
  ResponseEntity<byte[]> picture(
      @PathVariable String id,
      @PathVariable String picture,
      @RequestParam(defaultValue = "0") long version) {
    return ResponseEntity.ok()
        .contentType(SVG)
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .body(evaluations.picture(runs.get(id), version, picture));
  }
}
