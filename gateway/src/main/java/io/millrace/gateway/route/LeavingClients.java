package io.millrace.gateway.route;

import io.millrace.platform.edge.ClientWatch;
import io.millrace.platform.error.ClientGoneException;
import org.springframework.web.servlet.function.HandlerFilterFunction;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Hangs up on a service whose answer nobody waits for any more, so that it can stop computing. Only
 * until the answer begins: who leaves in the middle of it is noticed by writing.
 */
final class LeavingClients implements HandlerFilterFunction<ServerResponse, ServerResponse> {
  private final ClientWatch watch;

  LeavingClients(ClientWatch watch) {
    this.watch = watch;
  }

  @Override
  public ServerResponse filter(ServerRequest request, HandlerFunction<ServerResponse> next)
      throws Exception {
    Thread thread = Thread.currentThread();
    ClientWatch.Watched watched = watch.watch(request.servletRequest(), thread::interrupt);
    try (watched) {
      return next.handle(request);
    } catch (Exception e) {
      if (watched.hasLeft()) {
        ClientGoneException gone = new ClientGoneException();
        gone.addSuppressed(e);
        throw gone;
      }
      throw e;
    } finally {
      if (watched.hasLeft()) {
        // It was meant for the call alone; nothing interrupts this thread but its watch.
        Thread.interrupted();
      }
    }
  }
}
