package io.millrace.inference.detect;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
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
    summary = "Find objects in a picture",
    description =
        """
        The picture is the body, and the parameters are in the query; or it is the file of a form or the
        field of a JSON object, and the parameters are beside it.\
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
          schema = @Schema(type = "integer", format = "int32"))
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
            }))
@interface DetectDescription {}
