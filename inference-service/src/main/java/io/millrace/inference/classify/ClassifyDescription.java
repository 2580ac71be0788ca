package io.millrace.inference.classify;

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
 * The description of classification, in all media types that {@link ClassifyController} has methods
 * for.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Operation(
    operationId = "classify",
    summary = "Classify texts, pictures or rows",
    description =
        """
        The inputs are in a JSON object; a picture may be the body itself, with the parameters in the query, and
        several the files of a form. The answer has the most likely classes of each input with their probabilities.\
        """,
    parameters = {
      @Parameter(
          name = "model",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description = "Needed where the body has no place for it."),
      @Parameter(
          name = "top_k",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "integer", format = "int32"),
          description = ClassifyDescription.TOP)
    },
    requestBody =
        @RequestBody(
            required = true,
            content = {
              @Content(
                  mediaType = "application/json",
                  schema = @Schema(implementation = ClassifyController.ClassificationRequest.class),
                  examples =
                      @ExampleObject(
                          """
                          {"model": "iris", "inputs": [{"petal_length": 1.4, "petal_width": 0.2}], "top_k": 3}\
                          """)),
              @Content(
                  mediaType = "image/png",
                  schema = @Schema(type = "string", format = "binary")),
              @Content(
                  mediaType = "image/jpeg",
                  schema = @Schema(type = "string", format = "binary")),
              @Content(
                  mediaType = "multipart/form-data",
                  schema = @Schema(implementation = ClassifyController.ClassificationRequest.class))
            }))
@interface ClassifyDescription {

  /** Of inputs. */
  String INPUTS =
      "As the model takes them: texts, objects with a number in each of its columns, or pictures as data URLs or"
          + " base64; in a form the files themselves.";

  /** Of top_k. */
  String TOP = "Classes that are answered for each input; 5 if left out.";
}
