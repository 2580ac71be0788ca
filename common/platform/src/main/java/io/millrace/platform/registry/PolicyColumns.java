package io.millrace.platform.registry;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Policies as columns of JSON. */
final class PolicyColumns {
  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private PolicyColumns() {}

  static String text(PromotionPolicy policy) {
    return JSON.writerFor(PromotionPolicy.class).writeValueAsString(policy);
  }

  static String text(RetentionPolicy policy) {
    return JSON.writeValueAsString(policy);
  }

  static PromotionPolicy promotion(String column) {
    return JSON.readValue(column, PromotionPolicy.class);
  }

  static RetentionPolicy retention(String column) {
    return JSON.readValue(column, RetentionPolicy.class);
  }
}
