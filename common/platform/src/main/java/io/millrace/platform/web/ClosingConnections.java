package io.millrace.platform.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/** Ends every connection after its answer as soon as the service is about to stop. */
final class ClosingConnections extends OncePerRequestFilter {
  private final ShutdownDelay shutdown;

  ClosingConnections(ShutdownDelay shutdown) {
    this.shutdown = shutdown;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (shutdown.isStopping()) {
      response.setHeader(HttpHeaders.CONNECTION, "close");
    }
    chain.doFilter(request, response);
  }
}
