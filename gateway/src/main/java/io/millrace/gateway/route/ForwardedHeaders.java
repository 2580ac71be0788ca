package io.millrace.gateway.route;

import io.millrace.gateway.key.ApiKeys.ApiKey;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.security.InternalToken;
import java.util.Locale;
import java.util.Set;
import org.springframework.cloud.gateway.server.mvc.filter.HttpHeadersFilter.RequestHttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.function.ServerRequest;

/**
 * Drops what a client says about itself, and what only the gateway is to know: {@code X-Millrace-*}
 * but for {@code X-Millrace-Document-Id}, {@code Forwarded}, {@code X-Forwarded-*}, the API key and
 * cookies; adds the internal token.
 */
final class ForwardedHeaders implements RequestHttpHeadersFilter, Ordered {
  /** The id of a document that a client uploads as it is. */
  private static final String DOCUMENT_ID = "x-millrace-document-id";

  /** Names that clients give: another letter in one of them would make it another name. */
  private static final Set<String> NAMES = Set.of(DOCUMENT_ID, "idempotency-key");

  private static final Set<String> DROPPED =
      Set.of("authorization", "cookie", "forwarded", "expect", "x-real-ip", "x-original-url");

  private final InternalToken tokens;

  ForwardedHeaders(InternalToken tokens) {
    this.tokens = tokens;
  }

  @Override
  public HttpHeaders apply(HttpHeaders headers, ServerRequest request) {
    if (!(request.servletRequest().getAttribute(ApiKey.class.getName()) instanceof ApiKey key)) {
      throw new IllegalStateException("not authenticated: " + request.path());
    }
    HttpHeaders passed = new HttpHeaders();
    headers.forEach((name, values) -> {
      String lower = name.toLowerCase(Locale.ROOT);
      if (NAMES.contains(lower)) {
        values.forEach(value -> requireAscii(name, value));
      }
      if (!isDropped(lower)) {
        passed.addAll(name, values);
      }
    });
    String contentType = request.servletRequest().getHeader(HttpHeaders.CONTENT_TYPE);
    if (contentType != null) {
      // As it was sent: Spring has added a charset, even to pictures.
      passed.set(HttpHeaders.CONTENT_TYPE, contentType);
    }
    passed.set(InternalToken.HEADER, tokens.issue(key.principal(), key.isAdministrator()));
    return passed;
  }

  /** After all others: what they add is seen, too. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }

  /** Headers have no encoding (RFC 9110, section 5.5); other letters would arrive as others. */
  private static void requireAscii(String name, String value) {
    if (value.chars().anyMatch(letter -> letter < ' ' || letter > '~')) {
      throw MillraceException.invalid(
          name,
          "header '%s' may only have ASCII letters, digits and signs; an id with others is sent as ?id= of the address"
              .formatted(name));
    }
  }

  private static boolean isDropped(String name) {
    return DROPPED.contains(name)
        || (name.startsWith("x-millrace-") && !name.equals(DOCUMENT_ID))
        || name.startsWith("x-forwarded-");
  }
}
