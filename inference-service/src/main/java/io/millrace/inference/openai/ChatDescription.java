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

/** The description of chat completions. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Operation(
    operationId = "chat",
    summary = "Answer in a chat",
    description =
        """
        With stream, the answer is a stream of server-sent events, each a piece of the message, and [DONE] at
        the end. The content of a message is a text or a list of parts of the type text.\
        """,
    requestBody =
        @RequestBody(
            required = true,
            content =
                @Content(
                    mediaType = "application/json",
                    schema = @Schema(implementation = ChatRequest.class),
                    examples =
                        @ExampleObject(
                            """
                            {"model": "writer", "messages": [{"role": "user", "content": "Tell me a story."}]}\
                            """))))
@ApiResponse(
    responseCode = "200",
    description = "the message, or its pieces",
    content = {
      @Content(
          mediaType = "application/json",
          schema = @Schema(implementation = TextDescription.ChatAnswer.class)),
      @Content(mediaType = "text/event-stream", schema = @Schema(type = "string"))
    })
@interface ChatDescription {}
