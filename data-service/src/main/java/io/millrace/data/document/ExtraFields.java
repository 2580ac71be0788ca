package io.millrace.data.document;

import io.millrace.platform.error.MillraceException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What becomes of fields of a document that its form does not have. */
public enum ExtraFields {
  /** The document is refused, so that a misspelt field is noticed. */
  REFUSE,
  /** They are left out. */
  IGNORE,
  /** They stay with the document as its metadata; nothing is learned from them. */
  KEEP;

  /**
   * The choice of a caller.
   *
   * @throws MillraceException INVALID_ARGUMENT naming those there are
   */
  public static ExtraFields of(String spelled) {
    return Arrays.stream(values())
        .filter(one -> one.label().equals(spelled))
        .findFirst()
        .orElseThrow(() ->
            MillraceException.invalid(
                "extra_fields",
                "extra_fields must be one of %s, not '%s'"
                    .formatted(
                        Arrays.stream(values())
                            .map(ExtraFields::label)
                            .collect(Collectors.joining(", ")),
                        spelled)));
  }

  private String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
