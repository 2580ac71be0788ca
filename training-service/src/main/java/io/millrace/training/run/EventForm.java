package io.millrace.training.run;

import io.millrace.platform.error.ErrorWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** How a client wants to be told about a run. */
sealed interface EventForm {

  /** Media type of the answer. */
  MediaType type();

  /** Where it goes. */
  ResponseBodyEmitter emitter();

  /** The run as it is now. */
  void send(Run run) throws IOException;

  /** Nothing has changed for a while; fails if nobody listens any more. */
  void stillThere(Run last) throws IOException;

  /** The run cannot be followed to its end. The status is on its way already. */
  void sendError(RuntimeException why) throws IOException;

  /** Server-sent events named {@code run}, for programs. */
  record Events(SseEmitter emitter, RunViews views) implements EventForm {
    Events(RunViews views) {
      this(new SseEmitter(/* no timeout */ 0L), views);
    }

    @Override
    public MediaType type() {
      return MediaType.TEXT_EVENT_STREAM;
    }

    @Override
    public void send(Run run) throws IOException {
      emitter.send(
          SseEmitter.event()
              .id(Long.toString(run.revision()))
              .name("run")
              .data(views.of(run), MediaType.APPLICATION_JSON));
    }

    @Override
    public void stillThere(Run last) throws IOException {
      emitter.send(SseEmitter.event().comment("still here"));
    }

    @Override
    public void sendError(RuntimeException why) throws IOException {
      emitter.send(
          SseEmitter.event()
              .name("error")
              .data(ErrorWriter.envelope(why), MediaType.APPLICATION_JSON));
    }
  }

  /** A line for every change, for people. */
  record Lines(ResponseBodyEmitter emitter, Function<Run, String> line) implements EventForm {
    private static final MediaType TEXT =
        new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

    Lines(Function<Run, String> line) {
      this(new ResponseBodyEmitter(/* no timeout */ 0L), line);
    }

    @Override
    public MediaType type() {
      return TEXT;
    }

    @Override
    public void send(Run run) throws IOException {
      emitter.send(line.apply(run) + "\n", TEXT);
    }

    @Override
    public void stillThere(Run last) throws IOException {
      send(last);
    }

    @Override
    public void sendError(RuntimeException why) throws IOException {
      emitter.send("error: " + why.getMessage() + "\n", TEXT);
    }
  }
}
