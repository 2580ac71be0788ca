package io.millrace.platform.web;

import io.millrace.platform.error.ErrorCode;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;

/**
 * Describes how every request fails: with OpenAI's envelope below {@code /v1}, else with problem
 * details, as {@link io.millrace.platform.error.ErrorWriter} writes them.
 */
final class ErrorDescriptions implements GlobalOpenApiCustomizer {
  private static final String PROBLEM = "Problem";
  private static final String ENVELOPE = "OpenAiError";

  private static final Map<String, Object> NOT_FOUND =
      Map.of(
          "type", "about:blank",
          "title", "Not Found",
          "status", 404,
          "detail", "dataset 'books' does not exist",
          "instance", "/api/datasets/books",
          "code", ErrorCode.NOT_FOUND.code());
  private static final Map<String, Object> TOO_MANY =
      Map.of(
          "error",
          Map.of(
              "message",
              "max_tokens must be from 1 to 4096",
              "type",
              ErrorCode.INVALID_ARGUMENT.openAiType(),
              "param",
              "max_tokens",
              "code",
              ErrorCode.INVALID_ARGUMENT.code()));

  @Override
  public void customise(OpenAPI description) {
    if (description.getComponents() == null) {
      description.setComponents(new Components());
    }
    Map<String, ApiResponse> forms = new LinkedHashMap<>();
    if (description.getPaths() == null) {
      return;
    }
    description
        .getPaths()
        .forEach((path, item) -> {
          String form = path.startsWith("/v1/") ? ENVELOPE : PROBLEM;
          forms.computeIfAbsent(form, ErrorDescriptions::response);
          item.readOperations().forEach(operation -> add(operation, form));
        });
    forms.forEach((name, response) -> {
      description.getComponents().addResponses(name, response);
      description.getComponents().addSchemas(name, name.equals(PROBLEM) ? problem() : envelope());
    });
  }

  private static void add(Operation operation, String form) {
    if (operation.getResponses() == null) {
      operation.setResponses(new ApiResponses());
    }
    operation.getResponses().setDefault(new ApiResponse().$ref("#/components/responses/" + form));
  }

  private static ApiResponse response(String form) {
    boolean problem = form.equals(PROBLEM);
    MediaType body =
        new MediaType().schema(new Schema<>().$ref(form)).example(problem ? NOT_FOUND : TOO_MANY);
    return new ApiResponse()
        .description("Why it was refused or failed; the status is that of the code.")
        .content(
            new Content()
                .addMediaType(problem ? "application/problem+json" : "application/json", body));
  }

  private static Schema<?> problem() {
    return new ObjectSchema()
        .description("Problem details (RFC 9457).")
        .addProperty("type", new StringSchema().description("Always about:blank."))
        .addProperty("title", new StringSchema().description("The status in words."))
        .addProperty("status", new IntegerSchema().description("The HTTP status."))
        .addProperty("detail", new StringSchema().description("What is wrong, for people."))
        .addProperty("instance", new StringSchema().description("Path of the request."))
        .addProperty("code", code())
        .addProperty("parameter", parameter())
        .required(List.of("type", "title", "status", "detail", "instance", "code"));
  }

  private static Schema<?> envelope() {
    Schema<?> error =
        new ObjectSchema()
            .addProperty("message", new StringSchema().description("What is wrong, for people."))
            .addProperty("type", new StringSchema().description("Like invalid_request_error."))
            .addProperty("param", parameter().nullable(true))
            .addProperty("code", code())
            .required(List.of("message", "type", "code"));
    return new ObjectSchema()
        .description("OpenAI's form of an error, also as an event of a stream that has begun.")
        .addProperty("error", error)
        .required(List.of("error"));
  }

  private static Schema<?> code() {
    return new StringSchema()
        .description(
            "For programs, one of "
                + Arrays.stream(ErrorCode.values())
                    .map(ErrorCode::code)
                    .collect(Collectors.joining(", ")));
  }

  private static Schema<?> parameter() {
    return new StringSchema().description("The field or parameter that is to blame.");
  }
}
