package io.millrace.inference.detect;

import io.millrace.platform.error.MillraceException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code /api/receptive-field}: of a preset, of a model that serves, or of a posted config.json.
 */
@RestController
class ReceptiveFieldController {

  private final ReceptiveFields fields;

  ReceptiveFieldController(ReceptiveFields fields) {
    this.fields = fields;
  }

  @Operation(
      operationId = "getReceptiveField",
      summary = "Get what the maps of a preset, or of a detector that serves, see of a picture")
  @GetMapping("/api/receptive-field")
  ReceptiveFieldJson get(
      @Parameter(description = "A detector's preset; or else model.")
          @RequestParam(required = false)
          @Nullable String preset,
      @Parameter(description = "A detector that serves; or else preset.")
          @RequestParam(required = false)
          @Nullable String model) {
    if (preset != null && model != null) {
      throw MillraceException.invalid("model", "ask for a preset or a model, not both");
    }
    if (preset != null) {
      return ReceptiveFieldJson.of(fields.ofPreset(preset));
    }
    if (model != null) {
      return ReceptiveFieldJson.of(fields.ofModel(model));
    }
    throw MillraceException.invalid("preset", "preset is missing, or else model");
  }

  @Operation(
      operationId = "countReceptiveField",
      summary = "Count what the maps of a detector of a configuration would see",
      description = "The body is a detector's config.json, of 1 MiB at most.",
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON_VALUE,
                      schema =
                          @Schema(
                              type = "object",
                              additionalProperties = Schema.AdditionalPropertiesValue.TRUE),
                      examples =
                          @ExampleObject(
                              """
                              {"architecture": "detector", "classes": ["cell"], "input_width": 320, "input_height": 256,
                               "layers": {"activation": "relu", "norm": "group", "group_size": 8, "bias": false},
                               "backbone": {"type": "residual", "widths": [16, 32, 64], "blocks": [1, 1]},
                               "neck": {"type": "none", "strides": [8]},
                               "head": {"type": "yolo_v1", "predictors": 2, "width": 64, "depth": 1, "hidden": 0, "dropout": 0,
                                        "rescore": true, "box_weight": 5, "empty_weight": 0.5}}\
                              """))))
  @PostMapping(path = "/api/receptive-field", consumes = MediaType.APPLICATION_JSON_VALUE)
  ReceptiveFieldJson post(@RequestBody byte[] config) {
    return ReceptiveFieldJson.of(fields.ofConfig(config));
  }
}
