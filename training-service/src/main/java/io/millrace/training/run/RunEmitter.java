package io.millrace.training.run;

import io.millrace.platform.error.ErrorWriter;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** A run as server-sent events, sent from a virtual thread of its own. */
final class RunEmitter {
  private static final Logger LOG = LoggerFactory.getLogger(RunEmitter.class);

  private final SseEmitter emitter = new SseEmitter(/* no timeout */ 0L);

  private final RunViews views;

  private RunEmitter(RunViews views) {
    this.views = views;
  }

  static SseEmitter start(Run run, RunWatch watch, RunViews views) {
    RunEmitter events = new RunEmitter(views);
    Thread.ofVirtual().name("run-events-" + run.id()).start(() -> events.follow(run.id(), watch));
    return events.emitter;
  }

  private void follow(String id, RunWatch watch) {
    try {
      if (!watch.follow(id, this::send, this::sendComment)) {
        sendError(MillraceException.unavailable("the service is stopping; watch again"));
      }
    } catch (InterruptedException e) {
      sendError(MillraceException.unavailable("the service is stopping; watch again"));
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      sendError(e);
    } finally {
      emitter.complete();
    }
  }

  private boolean send(Run run) {
    return send(
        SseEmitter.event()
            .id(Long.toString(run.revision()))
            .name("run")
            .data(views.of(run), MediaType.APPLICATION_JSON));
  }

  /** The status is on its way already: the stream itself must say that this is not the end. */
  private void sendError(RuntimeException why) {
    send(
        SseEmitter.event()
            .name("error")
            .data(ErrorWriter.envelope(why), MediaType.APPLICATION_JSON));
  }

  private boolean sendComment() {
    return send(SseEmitter.event().comment("still here"));
  }

  private boolean send(SseEmitter.SseEventBuilder event) {
    try {
      emitter.send(event);
      return true;
    } catch (IOException | IllegalStateException e) {
      LOG.debug("nobody listens any more: {}", e.toString());
      return false;
    }
  }
}
