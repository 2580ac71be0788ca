package io.millrace.standalone.contract;

import io.millrace.standalone.reference.GeneratedFile;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI descriptions in docs/reference are those that the services give out. */
abstract class ReferenceContract {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private final Descriptions descriptions;

  ReferenceContract(Descriptions descriptions) {
    this.descriptions = descriptions;
  }

  @ParameterizedTest
  @ValueSource(strings = {"data-service", "training-service", "inference-service", "gateway"})
  void holdsTheDescription(String service) throws IOException {
    ObjectNode description = (ObjectNode) descriptions.of(service).deepCopy();
    // Where this platform happens to be.
    description.remove("servers");
    GeneratedFile.requireUpToDate(
        "docs/reference/openapi/" + service + ".json", sorted(description) + "\n");
  }

  /** In one order, whatever that of the methods was. */
  private static String sorted(JsonNode description) {
    Object plain = JSON.treeToValue(description, Object.class);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(plain);
  }
}
