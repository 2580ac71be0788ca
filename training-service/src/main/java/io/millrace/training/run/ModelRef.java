package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A version of a model, written {@code writer@3}.
 *
 * @param model its name
 * @param version from 1
 */
public record ModelRef(String model, int version) {

  @Override
  @JsonValue
  public String toString() {
    return model + "@" + version;
  }
}
