package io.millrace.gateway.route;

import io.millrace.gateway.key.ApiKeys.ApiKey;
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
      if (!isDropped(name.toLowerCase(Locale.ROOT))) {
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

  private static boolean isDropped(String name) {
    return DROPPED.contains(name)
        || (name.startsWith("x-millrace-") && !name.equals(DOCUMENT_ID))
        || name.startsWith("x-forwarded-");
  }
}
