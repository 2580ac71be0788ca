package io.millrace.platform.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.PromotionPolicy;
import io.millrace.platform.registry.PromotionPolicy.Direction;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which new checkpoints are to serve.
 *
 * @param kind {@code automatic}: every one, {@code manual}: none by itself, {@code if_better}:
 *     those with a better figure
 * @param figure of the checkpoint's metrics; with {@code if_better}
 * @param direction {@code lower} or {@code higher} is better; with {@code if_better}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PolicyJson(
    @Schema(example = "if_better") @Nullable String kind,
    @Schema(example = "heldout_loss") @Nullable String figure,
    @Schema(example = "lower") @Nullable String direction) {

  /** A policy as it is shown. */
  public static PolicyJson of(PromotionPolicy policy) {
    return switch (policy) {
      case PromotionPolicy.Automatic _ -> new PolicyJson("automatic", null, null);
      case PromotionPolicy.Manual _ -> new PolicyJson("manual", null, null);
      case PromotionPolicy.IfBetter(String figure, Direction direction) ->
          new PolicyJson("if_better", figure, direction.name().toLowerCase(Locale.ROOT));
    };
  }

  /**
   * The policy.
   *
   * @param place what goes before its fields' names: empty, or {@code policy.}
   * @throws MillraceException INVALID_ARGUMENT
   */
  public PromotionPolicy policy(String place) {
    if ("if_better".equals(kind)) {
      return ifBetter(place);
    }
    if (figure != null || direction != null) {
      throw MillraceException.invalid(
          place + (figure != null ? "figure" : "direction"),
          "%sfigure and %sdirection are for a policy of kind 'if_better'".formatted(place, place));
    }
    return switch (String.valueOf(kind)) {
      case "automatic" -> new PromotionPolicy.Automatic();
      case "manual" -> new PromotionPolicy.Manual();
      default ->
          throw MillraceException.invalid(
              place + "kind", place + "kind must be 'automatic', 'manual' or 'if_better'");
    };
  }

  /** Those with a better figure, whatever the kind says. */
  PromotionPolicy.IfBetter ifBetter(String place) {
    if (figure == null || figure.isEmpty()) {
      throw MillraceException.invalid(
          place + "figure",
          place + "figure is missing, e.g. heldout_loss; versions show which they have");
    }
    return switch (String.valueOf(direction)) {
      case "lower" -> new PromotionPolicy.IfBetter(figure, Direction.LOWER);
      case "higher" -> new PromotionPolicy.IfBetter(figure, Direction.HIGHER);
      default ->
          throw MillraceException.invalid(
              place + "direction", place + "direction must be 'lower' or 'higher'");
    };
  }
}
