package io.millrace.gateway.key;

import io.millrace.gateway.key.ApiKeys.ApiKey;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.ErrorWriter;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.security.OpenPaths;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/** Refuses every HTTP request without a valid API key, open paths excepted. */
final class ApiKeyFilter extends OncePerRequestFilter {
  private final ApiKeys keys;

  ApiKeyFilter(ApiKeys keys) {
    this.keys = keys;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!OpenPaths.isOpen(request.getRequestURI())) {
      try {
        refuseKeyInQuery(request.getQueryString());
        ApiKey key =
            keys.authenticate(
                Bearer.key(Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION))));
        if (key.scope() == ApiKeys.Scope.INFERENCE) {
          InferenceScope.require(request.getMethod(), request.getRequestURI());
        }
        request.setAttribute(ApiKey.class.getName(), key);
      } catch (RuntimeException refused) {
        ErrorWriter.write(request, response, refused);
        return;
      }
    }
    chain.doFilter(request, response);
  }

  private static void refuseKeyInQuery(@org.jspecify.annotations.Nullable String query) {
    if (query != null && KeyFormat.isIn(decoded(query))) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT,
          "there is an API key in the address, where logs keep it: revoke it, and send another as"
              + " 'Authorization: Bearer mr_...'");
    }
  }

  private static String decoded(String query) {
    try {
      return URLDecoder.decode(query, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT, "the query cannot be decoded: " + e.getMessage(), e);
    }
  }
}
