package io.millrace.platform.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.PromotionPolicy;
import io.millrace.platform.registry.PromotionPolicy.Direction;
import io.millrace.platform.registry.RetentionPolicy;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which versions of a model are kept, beside those that something needs.
 *
 * @param last so many of the newest, at least 1
 * @param best so many with the best figure
 * @param figure of the checkpoint's metrics; with {@code best}
 * @param direction {@code lower} or {@code higher} is better; with {@code best}
 * @param every those whose step is a multiple of it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RetentionJson(
    @Schema(example = "5") @Nullable Long last,
    @Schema(example = "1") @Nullable Long best,
    @Schema(example = "heldout_loss") @Nullable String figure,
    @Schema(example = "lower") @Nullable String direction,
    @Schema(example = "1000") @Nullable Long every) {

  private static final long MOST_VERSIONS = 1_000_000;

  /** A policy as it is shown. */
  public static RetentionJson of(RetentionPolicy policy) {
    Direction direction = policy.direction();
    return new RetentionJson(
        (long) policy.last(),
        policy.best() == 0 ? null : (long) policy.best(),
        policy.figure(),
        direction == null ? null : direction.name().toLowerCase(Locale.ROOT),
        policy.every() == 0 ? null : policy.every());
  }

  /**
   * The policy.
   *
   * @param place what goes before its fields' names: empty, or {@code retention.}
   * @throws MillraceException INVALID_ARGUMENT
   */
  public RetentionPolicy policy(String place) {
    if (last == null) {
      throw MillraceException.invalid(
          place + "last",
          place + "last is missing: how many of the newest versions are kept, at least 1");
    }
    int newest = (int) within(place + "last", last, 1, MOST_VERSIONS);
    long steps = every == null ? 0 : within(place + "every", every, 1, Long.MAX_VALUE);
    if (best == null) {
      if (figure != null || direction != null) {
        throw MillraceException.invalid(
            place + (figure != null ? "figure" : "direction"),
            "%sfigure and %sdirection go with %sbest".formatted(place, place, place));
      }
      return new RetentionPolicy(newest, 0, null, null, steps);
    }
    int most = (int) within(place + "best", best, 1, MOST_VERSIONS);
    PromotionPolicy.IfBetter better = new PolicyJson(null, figure, direction).ifBetter(place);
    return new RetentionPolicy(newest, most, better.figure(), better.direction(), steps);
  }

  private static long within(String field, long value, long least, long most) {
    if (value < least || value > most) {
      throw MillraceException.invalid(
          field, "%s must be between %d and %d, it is %d".formatted(field, least, most, value));
    }
    return value;
  }
}
