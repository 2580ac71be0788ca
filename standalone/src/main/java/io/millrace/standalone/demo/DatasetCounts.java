package io.millrace.standalone.demo;

import tools.jackson.databind.JsonNode;

/** What the data service has counted of a dataset. */
final class DatasetCounts {

  private DatasetCounts() {}

  /**
   * The counts, if every document that was sent is in them.
   *
   * @throws StageFailure if some are missing or were rejected
   */
  static JsonNode ofAll(GatewayClient gateway, String dataset, int sent, String noun) {
    JsonNode counts = gateway.get("/api/datasets/" + dataset).path("counts");
    requireAll(counts, sent, noun);
    return counts;
  }

  static void requireAll(JsonNode counts, int sent, String noun) {
    long counted = counts.path("documents").asLong();
    long rejected = counts.path("rejected").asLong();
    if (counted != sent || rejected != 0) {
      throw new StageFailure(
          noun, "%d were sent, %d counted, %d rejected".formatted(sent, counted, rejected));
    }
  }
}
