package io.millrace.platform.security;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.ErrorWriter;
import io.millrace.platform.error.MillraceException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses every HTTP request without a valid {@link InternalToken}, open paths excepted, and
 * requests for metrics that show the {@link MetricsToken}.
 */
final class InternalTokenFilter extends OncePerRequestFilter {
  private final InternalToken tokens;
  private final MetricsToken metrics;

  InternalTokenFilter(InternalToken tokens, MetricsToken metrics) {
    this.tokens = tokens;
    this.metrics = metrics;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String path = request.getRequestURI();
    if (!OpenPaths.isOpen(path)
        && !metrics.lets(path, request.getHeader(HttpHeaders.AUTHORIZATION))) {
      String token = request.getHeader(InternalToken.HEADER);
      if (token == null) {
        ErrorWriter.write(
            request,
            response,
            new MillraceException(ErrorCode.UNAUTHENTICATED, "call the gateway, not the service"));
        return;
      }
      try {
        request.setAttribute(Caller.ATTRIBUTE, tokens.verifyCaller(token));
      } catch (MillraceException refused) {
        ErrorWriter.write(request, response, refused);
        return;
      }
    }
    chain.doFilter(request, response);
  }
}
