package io.millrace.platform.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * What lets a collector read a service's metrics, and nothing else, without going through the
 * gateway: of several replicas the gateway would ask any one.
 */
final class MetricsToken {
  private static final String PATH = "/actuator/prometheus";

  private final byte[] header;

  /**
   * A token.
   *
   * @param secret empty: there is none, and nothing is let in
   */
  MetricsToken(String secret) {
    header = secret.isEmpty() ? new byte[0] : bytes("Bearer " + secret);
  }

  /**
   * Whether a request is for metrics and shows the token.
   *
   * @param requestUri undecoded, without the query
   * @param authorization the header of that name, null: none
   */
  boolean lets(String requestUri, @Nullable String authorization) {
    return header.length > 0
        && requestUri.equals(PATH)
        && authorization != null
        && MessageDigest.isEqual(header, bytes(authorization));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
