package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonValue;
import io.millrace.platform.error.MillraceException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the learning rate changes over a run; the peak is the run's learning rate. */
public enum Schedule {
  /** The peak all the time. */
  CONSTANT,
  /** Warm-up, then half a cosine down to a floor. */
  COSINE,
  /** Warm-up, the peak, and at the end quickly down to the floor. */
  WARMUP_STABLE_DECAY,
  /** Warm-up, the peak, half a cosine down, constant, constant and lower: DeepSeek-V3's. */
  DEEPSEEK_V3;

  /** As clients spell it, e.g. {@code warmup-stable-decay}. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The schedule of that spelling; the cosine for an empty one.
   *
   * @throws MillraceException INVALID_ARGUMENT naming those there are
   */
  static Schedule of(String spelling) {
    return spelling.isEmpty()
        ? COSINE
        : Arrays.stream(values())
            .filter(schedule -> schedule.label().equals(spelling))
            .findFirst()
            .orElseThrow(() ->
                MillraceException.invalid(
                    "schedule",
                    "schedule must be one of %s; it is '%s'"
                        .formatted(
                            Arrays.stream(values())
                                .map(Schedule::label)
                                .collect(Collectors.joining(", ")),
                            spelling)));
  }
}
