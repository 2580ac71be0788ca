package io.millrace.tensor.loss;

import io.millrace.input.PlainNumber;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What is written of a loss beside its name; each is taken by who understands it. */
final class LossParameters {

  private final String loss;
  private final Map<String, String> left;
  private final Set<String> known = new LinkedHashSet<>();

  LossParameters(String loss, Map<String, String> written) {
    this.loss = loss;
    this.left = new LinkedHashMap<>(written);
  }

  String text(String name, String usual) {
    known.add(name);
    String value = left.remove(name);
    return value == null ? usual : value;
  }

  double number(String name, double usual) {
    String value = text(name, Double.toString(usual));
    try {
      return PlainNumber.decimal(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s of %s is \"%s\", not a number".formatted(name, loss, value), e);
    }
  }

  int count(String name, int usual) {
    String value = text(name, Integer.toString(usual));
    try {
      return PlainNumber.whole(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s of %s is \"%s\", not a whole number".formatted(name, loss, value), e);
    }
  }

  /**
   * Ends the reading.
   *
   * @throws IllegalArgumentException if something was written that nobody took
   */
  void requireAllTaken() {
    if (!left.isEmpty()) {
      String name = left.keySet().iterator().next();
      throw new IllegalArgumentException(
          known.isEmpty()
              ? "%s has no parameters, but \"%s\" is written".formatted(loss, name)
              : "%s has no parameter \"%s\"; it has %s"
                  .formatted(loss, name, String.join(", ", known)));
    }
  }
}
