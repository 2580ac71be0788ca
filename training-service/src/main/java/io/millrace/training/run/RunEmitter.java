package io.millrace.training.run;

import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a run and its changes in some form, from a virtual thread of its own. */
final class RunEmitter {
  private static final Logger LOG = LoggerFactory.getLogger(RunEmitter.class);

  private final EventForm form;
  private final AtomicReference<Run> last;

  private RunEmitter(EventForm form, Run run) {
    this.form = form;
    this.last = new AtomicReference<>(run);
  }

  static void start(Run run, RunWatch watch, EventForm form) {
    RunEmitter events = new RunEmitter(form, run);
    Thread.ofVirtual().name("run-events-" + run.id()).start(() -> events.follow(run.id(), watch));
  }

  private void follow(String id, RunWatch watch) {
    try {
      if (!watch.follow(id, this::send, () -> sends(() -> form.stillThere(last.get())))) {
        sendError(MillraceException.unavailable("the service is stopping; watch again"));
      }
    } catch (InterruptedException e) {
      sendError(MillraceException.unavailable("the service is stopping; watch again"));
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      sendError(e);
    } finally {
      form.emitter().complete();
    }
  }

  private boolean send(Run run) {
    last.set(run);
    return sends(() -> form.send(run));
  }

  private void sendError(RuntimeException why) {
    boolean sent = sends(() -> form.sendError(why));
    LOG.debug("the end is an error, which was {}: {}", sent ? "sent" : "not sent", why.toString());
  }

  private static boolean sends(Sending sending) {
    try {
      sending.send();
      return true;
    } catch (IOException | IllegalStateException e) {
      LOG.debug("nobody listens any more: {}", e.toString());
      return false;
    }
  }

  @FunctionalInterface
  private interface Sending {
    void send() throws IOException;
  }
}
