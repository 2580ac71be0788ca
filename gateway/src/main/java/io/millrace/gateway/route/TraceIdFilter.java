package io.millrace.gateway.route;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Tells in every answer, refusals included, by which trace id logs and traces know the request. */
final class TraceIdFilter extends OncePerRequestFilter {
  static final String HEADER = "X-Trace-Id";

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    SpanContext context = Span.current().getSpanContext();
    if (context.isValid()) {
      response.setHeader(HEADER, context.getTraceId());
    }
    chain.doFilter(request, response);
  }
}
