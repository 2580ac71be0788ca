package io.millrace.inference.compute;

import io.millrace.platform.edge.ClientWatch;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Watches the clients of requests that are computed, so that nothing is computed for nobody. */
final class ClientFilter extends OncePerRequestFilter {
  private final ClientWatch watch;

  ClientFilter(ClientWatch watch) {
    this.watch = watch;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Client client = new Client();
    try (ClientWatch.Watched _ = watch.watch(request, client::leave)) {
      client.<Exception>serve(() -> {
        chain.doFilter(request, response);
        return null;
      });
    } catch (ServletException | IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ServletException(e);
    }
  }
}
