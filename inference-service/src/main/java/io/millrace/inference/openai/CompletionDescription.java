package io.millrace.inference.openai;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The description of completions. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Operation(
    operationId = "complete",
    summary = "Continue a prompt",
    description =
        """
        With stream, the answer is a stream of server-sent events, each a piece of the text, and [DONE] at
        the end. The prompt is a text or a list of token ids; stop is a text or a list of texts.\
        """,
    requestBody =
        @RequestBody(
            required = true,
            content =
                @Content(
                    mediaType = "application/json",
                    schema = @Schema(implementation = CompletionRequest.class),
                    examples =
                        @ExampleObject(
                            """
                            {"model": "writer", "prompt": "Once", "max_tokens": 64, "temperature": 0.8}\
                            """))))
@ApiResponse(
    responseCode = "200",
    description = "the completion, or its pieces",
    content = {
      @Content(
          mediaType = "application/json",
          schema = @Schema(implementation = TextDescription.CompletionAnswer.class)),
      @Content(mediaType = "text/event-stream", schema = @Schema(type = "string"))
    })
@interface CompletionDescription {}
