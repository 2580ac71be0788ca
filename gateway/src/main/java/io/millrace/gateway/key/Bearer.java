package io.millrace.gateway.key;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Locale;

/** Finds the key in the {@code authorization} header of a call. */
final class Bearer {
  private static final String SCHEME = "bearer ";

  private Bearer() {}

  /**
   * The key.
   *
   * @param headers all values of the header
   * @throws MillraceException UNAUTHENTICATED unless there is exactly one, of the form {@code
   *     Bearer <key>}
   */
  static String key(List<String> headers) {
    if (headers.size() != 1 || !headers.getFirst().toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      throw new MillraceException(
          ErrorCode.UNAUTHENTICATED, "an API key is needed: 'Authorization: Bearer mr_...'");
    }
    return headers.getFirst().substring(SCHEME.length()).strip();
  }
}
