package io.millrace.platform.registry;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.name.Names;
import java.util.Locale;

/**
 * A model, or one of its versions, as people name it: {@code writer}, {@code writer@3}, {@code
 * writer@latest} or {@code writer@stable}.
 *
 * @param model its name
 * @param which of its versions
 */
public record VersionRef(String model, Which which) {

  /** Which version of a model is meant. */
  public sealed interface Which {}

  /** None in particular: what that means, whoever is asked decides. */
  public record Unnamed() implements Which {}

  /** This one. */
  public record Number(int version) implements Which {}

  /** One of the names that every model's versions have. */
  public enum Alias implements Which {
    /** What was published last. */
    LATEST,
    /** What was promoted last: what is to serve. */
    STABLE
  }

  /**
   * Reads one.
   *
   * @param parameter what it is for, as the client spells it
   * @throws MillraceException INVALID_ARGUMENT if it is none
   */
  public static VersionRef parse(String parameter, String text) {
    int at = text.indexOf('@');
    String model = Names.require(parameter, at < 0 ? text : text.substring(0, at));
    return new VersionRef(model, at < 0 ? new Unnamed() : which(parameter, text.substring(at + 1)));
  }

  /** As it is read. */
  @Override
  public String toString() {
    return switch (which) {
      case Unnamed() -> model;
      case Number(int version) -> model + "@" + version;
      case Alias alias -> model + "@" + alias.name().toLowerCase(Locale.ROOT);
    };
  }

  private static Which which(String parameter, String text) {
    return switch (text) {
      case "latest" -> Alias.LATEST;
      case "stable" -> Alias.STABLE;
      default -> {
        if (!text.matches("[1-9][0-9]{0,8}")) {
          throw MillraceException.invalid(
              parameter,
              ("%s must be a model or one of its versions, like writer, writer@3, writer@latest or"
                      + " writer@stable; '%s' is no version")
                  .formatted(parameter, text));
        }
        yield new Number(Integer.parseInt(text));
      }
    };
  }
}
