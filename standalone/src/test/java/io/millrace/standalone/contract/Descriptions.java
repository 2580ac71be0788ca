package io.millrace.standalone.contract;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The OpenAPI descriptions of all services, as the gateway gives them out. */
final class Descriptions {
  static final List<String> SERVICES =
      List.of("data-service", "training-service", "inference-service", "gateway");

  private final Rest rest;
  private final Map<String, JsonNode> known = new HashMap<>();

  Descriptions(Rest rest) {
    this.rest = rest;
  }

  /** The description of a service, asked for once. */
  JsonNode of(String service) {
    return known.computeIfAbsent(service, name -> rest.get("/openapi/" + name).expect(200));
  }

  /**
   * A request that is described.
   *
   * @param contentTypes of its body; empty: it has none
   * @param json its description
   */
  record Operation(
      String service, String verb, String path, List<String> contentTypes, JsonNode json) {
    @Override
    public String toString() {
      return verb + " " + path;
    }
  }

  /** The schema of the answer to a request in JSON: that of its status, else that of failures. */
  JsonNode schema(Operation operation, int status) {
    JsonNode responses = operation.json().path("responses");
    JsonNode response = responses.path(responses.has("" + status) ? "" + status : "default");
    String reference = response.path("$ref").asString("");
    JsonNode content =
        (reference.isEmpty() ? response : of(operation.service()).at(reference.substring(1)))
            .path("content");
    return content.valueStream().findFirst().orElseThrow().path("schema");
  }

  /** All requests of all services. */
  List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    for (String service : SERVICES) {
      of(service)
          .path("paths")
          .forEachEntry((path, verbs) ->
              verbs.forEachEntry((verb, json) ->
                  operations.add(
                      new Operation(
                          service,
                          verb.toUpperCase(Locale.ROOT),
                          path,
                          List.copyOf(json.at("/requestBody/content").propertyNames()),
                          json))));
    }
    return operations;
  }
}
