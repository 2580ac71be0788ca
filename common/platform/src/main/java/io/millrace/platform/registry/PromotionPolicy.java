package io.millrace.platform.registry;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/** Which published checkpoints of a model are promoted, that is to serve. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = PromotionPolicy.Automatic.class, name = "automatic"),
  @JsonSubTypes.Type(value = PromotionPolicy.Manual.class, name = "manual"),
  @JsonSubTypes.Type(value = PromotionPolicy.IfBetter.class, name = "if_better")
})
public sealed interface PromotionPolicy {

  /** Every one. */
  record Automatic() implements PromotionPolicy {}

  /** None but those that a person promotes. */
  record Manual() implements PromotionPolicy {}

  /**
   * Those with a better figure than what was promoted last.
   *
   * @param figure of the checkpoint's metrics, e.g. {@code heldout_loss}
   * @param direction which is better
   */
  record IfBetter(String figure, Direction direction) implements PromotionPolicy {}

  /** What is better of a figure. */
  enum Direction {
    LOWER,
    HIGHER
  }

  /**
   * Whether a new version is promoted. A version without the figure is not; what is better than a
   * version without it, is.
   *
   * @param promoted what was promoted last; null: nothing yet, so anything is better
   */
  default boolean promotes(ModelVersion candidate, @Nullable ModelVersion promoted) {
    return switch (this) {
      case Automatic() -> true;
      case Manual() -> false;
      case IfBetter(String figure, Direction direction) ->
          isBetter(
              direction,
              candidate.metrics().getOrDefault(figure, Double.NaN),
              promoted == null ? Double.NaN : promoted.metrics().getOrDefault(figure, Double.NaN));
    };
  }

  private static boolean isBetter(Direction direction, double candidate, double promoted) {
    if (Double.isNaN(candidate) || Double.isNaN(promoted)) {
      return !Double.isNaN(candidate);
    }
    return switch (direction) {
      case LOWER -> candidate < promoted;
      case HIGHER -> candidate > promoted;
    };
  }
}
