package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.standalone.contract.Descriptions.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.databind.JsonNode;

/** Descriptions from which a client can be made by someone who knows nothing but them. */
abstract class DescriptionContract {
  static final List<String> SERVICES = Descriptions.SERVICES;

  /** Names of the inside: of Jackson, Spring, the servlet API and Java. */
  private static final Pattern INSIDE =
      Pattern.compile(
          "(Json|Object|Array)Node|JsonParser|Emitter|Servlet|Multipart|ResponseEntity|InputStream"
              + "|StreamingResponseBody|Optional|CompletableFuture|Mono|Flux|Principal");

  private static final Pattern WIRE_NAME = Pattern.compile("[a-z0-9_-]+");

  private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

  /** What is asked by the path alone. */
  private static final Set<String> WITHOUT_BODY =
      Set.of(
          "POST /api/runs/{id}/cancel",
          "POST /api/runs/{id}/pause",
          "POST /api/runs/{id}/resume",
          "POST /api/datasets/{name}/rejected/replay",
          "POST /api/datasets/{name}/repair",
          "POST /api/models/{name}/rollback",
          "POST /api/models/{name}/unpin");

  private final Rest rest;
  private final Descriptions descriptions;

  DescriptionContract(Rest rest, Descriptions descriptions) {
    this.rest = rest;
    this.descriptions = descriptions;
  }

  @ParameterizedTest
  @FieldSource("SERVICES")
  void namesNothingOfTheInside(String service) {
    JsonNode description = descriptions.of(service);
    assertThat(description.at("/components/schemas").propertyNames())
        .isNotEmpty()
        .noneMatch(name -> INSIDE.matcher(name).find());
    assertThat(wrongNames(description)).isEmpty();
    assertThat(description.path("security").toString()).isEqualTo("[{\"api-key\":[]}]");
    assertThat(description.at("/components/securitySchemes/api-key/scheme").asString())
        .isEqualTo("bearer");
  }

  @ParameterizedTest
  @FieldSource("SERVICES")
  void explainsEveryRequest(String service) {
    Set<String> ids = new HashSet<>();
    for (Operation operation : operations(service)) {
      JsonNode json = operation.json();
      assertThat(json.path("summary").asString("")).as("summary of %s", operation).isNotBlank();
      String id = json.path("operationId").asString("");
      assertThat(id).as("operationId of %s", operation).matches("[a-z][A-Za-z]+");
      assertThat(ids.add(id)).as("operationId %s is there once", id).isTrue();
      assertThat(json.path("parameters").valueStream())
          .as("parameters of %s", operation)
          .allMatch(parameter -> parameter.path("schema").has("type"));
    }
  }

  @ParameterizedTest
  @FieldSource("SERVICES")
  void describesBodiesWithExamples(String service) {
    JsonNode description = descriptions.of(service);
    for (Operation operation : operations(service)) {
      boolean without =
          !WITH_BODY.contains(operation.verb()) || WITHOUT_BODY.contains(operation.toString());
      assertThat(operation.contentTypes().isEmpty())
          .as("%s has no body", operation)
          .isEqualTo(without);
      operation
          .json()
          .at("/requestBody/content")
          .forEachEntry((type, content) -> {
            assertThat(describes(content.path("schema"))).as("%s of %s", type, operation).isTrue();
            assertThat(hasExample(description, content))
                .as("example of %s of %s", type, operation)
                .isTrue();
          });
    }
  }

  @ParameterizedTest
  @FieldSource("SERVICES")
  void describesEveryTypeThatIsRead(String service) {
    for (Operation operation : operations(service)) {
      if (operation.contentTypes().isEmpty()) {
        continue;
      }
      Rest.Answer refused =
          rest.send(
              operation.verb(),
              operation.path().replaceAll("[{}]", ""),
              "application/x-nothing",
              "x".getBytes(StandardCharsets.UTF_8));
      assertThat(refused.status()).as(operation.toString()).isEqualTo(415);
      Set<String> read = new TreeSet<>();
      for (String type :
          refused.response().headers().firstValue("Accept").orElse("").split(", *")) {
        if (!type.contains("*")) {
          read.add(type);
        }
      }
      assertThat(operation.contentTypes()).as(operation.toString()).hasSameElementsAs(read);
    }
  }

  @ParameterizedTest
  @FieldSource("SERVICES")
  void describesAnswersAndFailures(String service) {
    for (Operation operation : operations(service)) {
      JsonNode responses = operation.json().path("responses");
      List<String> successes =
          responses.propertyNames().stream().filter(status -> status.startsWith("2")).toList();
      assertThat(successes).as("answers of %s", operation).isNotEmpty();
      for (String status : successes) {
        if (!status.equals("204")) {
          assertThat(responses.path(status).path("content").valueStream())
              .as("%s of %s", status, operation)
              .isNotEmpty()
              .allMatch(content -> describes(content.path("schema")));
        }
      }
      assertThat(responses.at("/default/$ref").asString(""))
          .as("failures of %s", operation)
          .isEqualTo(
              "#/components/responses/"
                  + (operation.path().startsWith("/v1/") ? "OpenAiError" : "Problem"));
    }
  }

  private List<Operation> operations(String service) {
    List<Operation> own =
        descriptions.operations().stream()
            .filter(operation -> operation.service().equals(service))
            .toList();
    assertThat(own).isNotEmpty();
    return own;
  }

  /** A reference, a type other than a bare object, or the fields of an object. */
  private static boolean describes(JsonNode schema) {
    return schema.has("$ref")
        || schema.has("oneOf")
        || schema.has("properties")
        || schema.has("additionalProperties")
        || (schema.has("type") && !schema.path("type").asString("").equals("object"));
  }

  /** An example of the whole, of one of its fields at least, or bytes, which need none. */
  private static boolean hasExample(JsonNode description, JsonNode content) {
    return content.has("example")
        || content.has("examples")
        || isExplained(description, content.path("schema"));
  }

  private static boolean isExplained(JsonNode description, JsonNode schema) {
    String reference = schema.path("$ref").asString("");
    if (!reference.isEmpty()) {
      return isExplained(description, description.at(reference.substring(1)));
    }
    return schema.has("example")
        || schema.has("examples")
        || schema.path("format").asString("").equals("binary")
        || (schema.has("additionalProperties")
            && isExplained(description, schema.path("additionalProperties")))
        || (schema.has("items") && isExplained(description, schema.path("items")))
        || schema
            .path("properties")
            .valueStream()
            .anyMatch(field -> isExplained(description, field));
  }

  /** Fields that are named as in Java. */
  private static List<String> wrongNames(JsonNode description) {
    List<String> wrong = new ArrayList<>();
    description
        .at("/components/schemas")
        .forEachEntry((schema, json) ->
            json.path("properties").propertyNames().stream()
                .filter(name -> !WIRE_NAME.matcher(name).matches())
                .forEach(name -> wrong.add(schema + "." + name)));
    return wrong;
  }
}
