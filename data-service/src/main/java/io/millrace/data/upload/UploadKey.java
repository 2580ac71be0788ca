package io.millrace.data.upload;

import io.millrace.platform.error.MillraceException;
import org.jspecify.annotations.Nullable;

/** The {@code Idempotency-Key} of an upload: who sends the same again adds nothing twice. */
public final class UploadKey {
  /** The HTTP header; in gRPC metadata in lower case. */
  public static final String HEADER = "Idempotency-Key";

  private static final int LONGEST = 255;

  private UploadKey() {}

  /**
   * The key as it was sent; null if there was none.
   *
   * @throws MillraceException INVALID_ARGUMENT if it is none
   */
  public static @Nullable String check(@Nullable String key) {
    if (key != null
        && (key.isEmpty()
            || key.length() > LONGEST
            || key.chars().anyMatch(c -> c < 0x21 || c > 0x7e))) {
      throw MillraceException.invalid(
          HEADER,
          "%s must be 1 to %d visible ASCII characters, such as a UUID".formatted(HEADER, LONGEST));
    }
    return key;
  }
}
