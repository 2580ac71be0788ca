package io.millrace.benchmarks.command;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code KEY=VALUE} arguments. */
public final class KeyValues {

  private KeyValues() {}

  /**
   * Reads arguments over defaults.
   *
   * @throws IllegalArgumentException if one is no such pair, or its key has no default
   */
  public static Map<String, String> over(Map<String, String> defaults, List<String> arguments) {
    Map<String, String> values = new HashMap<>(defaults);
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      if (pair.length != 2 || !defaults.containsKey(pair[0])) {
        throw new IllegalArgumentException(
            "'%s' is not KEY=VALUE with a key of %s"
                .formatted(argument, defaults.keySet().stream().sorted().toList()));
      }
      values.put(pair[0], pair[1]);
    }
    return values;
  }
}
