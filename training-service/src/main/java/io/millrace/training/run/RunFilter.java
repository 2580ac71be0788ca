package io.millrace.training.run;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.name.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Which runs are listed.
 *
 * @param model whose; empty: all
 * @param states in which; empty: in any
 * @param limit so many at most
 * @param cursor id of the run after which the list goes on; empty: it begins
 */
record RunFilter(String model, List<RunState> states, int limit, String cursor) {
  private static final int STANDARD = 100;
  private static final long MOST = 1000;

  /**
   * A filter.
   *
   * @param states as clients spell them
   * @param limit 0: 100
   * @throws MillraceException INVALID_ARGUMENT
   */
  static RunFilter of(String model, List<String> states, long limit, String cursor) {
    if (!model.isEmpty()) {
      Names.require("model", model);
    }
    if (limit < 0 || limit > MOST) {
      throw MillraceException.invalid(
          "limit", "limit must be between 1 and %d, it is %d".formatted(MOST, limit));
    }
    List<RunState> wanted = new ArrayList<>();
    states.forEach(state -> wanted.add(state(state)));
    return new RunFilter(model, wanted, limit == 0 ? STANDARD : (int) limit, cursor);
  }

  private static RunState state(String label) {
    return Arrays.stream(RunState.values())
        .filter(state -> state.label().equals(label))
        .findFirst()
        .orElseThrow(() ->
            MillraceException.invalid(
                "state",
                "there is no state '%s'; there are %s"
                    .formatted(
                        label.toLowerCase(Locale.ROOT),
                        String.join(
                            ", ",
                            Arrays.stream(RunState.values()).map(RunState::label).toList()))));
  }
}
