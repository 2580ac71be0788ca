package io.millrace.gateway.grpc;

import io.grpc.Metadata;
import io.millrace.gateway.key.ApiKeyInterceptor;
import io.millrace.gateway.key.ApiKeys.ApiKey;
import io.millrace.platform.security.InternalToken;
import java.util.Locale;

/** What services believe: who calls, signed by the gateway. */
final class ServiceToken {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of(
          InternalToken.HEADER.toLowerCase(Locale.ROOT), Metadata.ASCII_STRING_MARSHALLER);

  private ServiceToken() {}

  /**
   * The key that this call came with.
   *
   * @throws IllegalStateException if nobody checked one
   */
  static ApiKey key(String method) {
    ApiKey key = ApiKeyInterceptor.current();
    if (key == null) {
      throw new IllegalStateException("not authenticated: " + method);
    }
    return key;
  }

  /** Metadata with nothing else. */
  static Metadata of(InternalToken tokens, ApiKey key) {
    Metadata metadata = new Metadata();
    put(metadata, tokens, key);
    return metadata;
  }

  static void put(Metadata metadata, InternalToken tokens, ApiKey key) {
    metadata.put(HEADER, tokens.issue(key.principal(), key.isAdministrator()));
  }
}
