package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonValue;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.name.Names;

/**
 * A version of a model, written {@code writer@3}.
 *
 * @param model its name
 * @param version from 1; 0: the newest
 */
public record ModelRef(String model, int version) {

  /**
   * Reads {@code writer@3}, or {@code writer} for the newest version.
   *
   * @param parameter what it is for, as the client spells it
   * @throws MillraceException INVALID_ARGUMENT if it is neither
   */
  static ModelRef parse(String parameter, String text) {
    int at = text.indexOf('@');
    String model = Names.require(parameter, at < 0 ? text : text.substring(0, at));
    return new ModelRef(model, at < 0 ? 0 : version(parameter, text.substring(at + 1)));
  }

  private static int version(String parameter, String digits) {
    if (!digits.matches("[1-9][0-9]{0,8}")) {
      throw MillraceException.invalid(
          parameter,
          "%s must be a model or one of its versions, like writer or writer@3; '%s' is no version"
              .formatted(parameter, digits));
    }
    return Integer.parseInt(digits);
  }

  @Override
  @JsonValue
  public String toString() {
    return version == 0 ? model : model + "@" + version;
  }
}
