package io.millrace.inference.generate;

import java.util.List;

/** Holds back text that may be the beginning of a stop text, and finds stop texts across tokens. */
final class StopText {

  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean found;

  StopText(List<String> stops) {
    this.stops = stops;
  }

  /** Text that can be given out now that {@code more} was generated. */
  String add(String more) {
    held.append(more);
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    if (first >= 0) {
      found = true;
      held.setLength(first);
      return flush();
    }
    int keep = 0;
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, held.length()); length > keep; length--) {
        if (stop.startsWith(held.substring(held.length() - length))) {
          keep = length;
        }
      }
    }
    String free = held.substring(0, held.length() - keep);
    held.delete(0, free.length());
    return free;
  }

  /** Whether a stop text came. */
  boolean found() {
    return found;
  }

  /** What was held back, at the end. */
  String flush() {
    String rest = held.toString();
    held.setLength(0);
    return rest;
  }
}
