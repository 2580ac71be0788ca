package io.millrace.inference.detect;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The description of detection, in all media types that {@link DetectController} has methods for.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Operation(
    operationId = "detect",
    summary = "Find objects in one picture or several",
    description =
        """
        The picture is the body, and the parameters are in the query; or it is the file of a form or the
        field of a JSON object, and the parameters are beside it. Several are files or a list, images.
        With Accept: image/png or image/jpeg the answer for one picture is that picture with its boxes.\
        """,
    parameters = {
      @Parameter(
          name = "model",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description = "Needed where the body has no place for it."),
      @Parameter(
          name = "min_score",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "number", format = "double")),
      @Parameter(
          name = "max_detections",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "integer", format = "int32")),
      @Parameter(
          name = "nms",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description = DetectDescription.NMS),
      @Parameter(
          name = "nms_threshold",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "number", format = "double"),
          description = DetectDescription.THRESHOLD),
      @Parameter(
          name = "nms_agnostic",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "boolean"),
          description = DetectDescription.AGNOSTIC),
      @Parameter(
          name = "slice_size",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "integer", format = "int32"),
          description = DetectDescription.SLICES),
      @Parameter(
          name = "slice_overlap",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "number", format = "double"),
          description = DetectDescription.OVERLAP),
      @Parameter(
          name = "scales",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description = DetectDescription.SCALES)
    },
    requestBody =
        @RequestBody(
            required = true,
            content = {
              @Content(
                  mediaType = "application/json",
                  schema = @Schema(implementation = DetectController.Wanted.class),
                  examples =
                      @ExampleObject(
                          """
                          {"model": "cells", "image": "BASE64", "min_score": 0.3, "max_detections": 20}\
                          """)),
              @Content(
                  mediaType = "image/png",
                  schema = @Schema(type = "string", format = "binary")),
              @Content(
                  mediaType = "image/jpeg",
                  schema = @Schema(type = "string", format = "binary")),
              @Content(
                  mediaType = "multipart/form-data",
                  schema = @Schema(implementation = DetectController.Wanted.class))
            }),
    responses =
        @ApiResponse(
            responseCode = "200",
            description = "OK",
            content = {
              @Content(
                  mediaType = "application/json",
                  schema = @Schema(implementation = DetectController.Answer.class)),
              @Content(
                  mediaType = "image/png",
                  schema = @Schema(type = "string", format = "binary")),
              @Content(
                  mediaType = "image/jpeg",
                  schema = @Schema(type = "string", format = "binary"))
            }))
@interface DetectDescription {

  /** Of nms. */
  String NMS =
      "Which of overlapping detections give way: none, iou (by intersection over union), ios (over the"
          + " smaller area), merge (by that too; the better one grows around them), soft-linear or soft-gaussian"
          + " (scores are lowered). Left out: as the model has it;"
          + " ios with slices, iou with scales.";

  /** Of nms_threshold. */
  String THRESHOLD =
      "Overlap from which on detections give way: 0.5, of soft-linear 0.3, if left out; of soft-gaussian"
          + " its sigma, 0.5.";

  /** Of nms_agnostic. */
  String AGNOSTIC = "Whether detections give way to those of other classes too.";

  /** Of slice_size. */
  String SLICES =
      "Look at overlapping windows of so many pixels' width too, for objects that are small in a large picture.";

  /** Of slice_overlap. */
  String OVERLAP = "Share of a window that its neighbour shows too, 0 to 0.9; 0.2 if left out.";

  /** Of scales. */
  String SCALES =
      "Look at the picture at several scales, each for objects of some sizes, like 2:0-40,1:20-120,0.5:80-;"
          + " sizes are roots of areas in pixels of the picture.";
}
