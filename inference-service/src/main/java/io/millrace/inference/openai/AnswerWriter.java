package io.millrace.inference.openai;

import io.millrace.inference.generate.Piece;
import io.millrace.platform.error.ClientGoneException;
import io.millrace.platform.error.ErrorWriter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** Writes the answer to a request for text, whole or piece by piece. */
final class AnswerWriter {

  private final JsonMapper json;
  private final AnswerShape shape;
  private final AnswerShape.Head head;
  private final HttpServletResponse response;

  AnswerWriter(
      JsonMapper json, AnswerShape shape, AnswerShape.Head head, HttpServletResponse response) {
    this.json = json;
    this.shape = shape;
    this.head = head;
    this.response = response;
  }

  /** Writes one object when all choices have ended. */
  void whole() throws IOException, InterruptedException {
    int choices = head.completion().choices();
    List<StringBuilder> texts = Stream.generate(StringBuilder::new).limit(choices).toList();
    String[] reasons = new String[choices];
    int tokens = 0;
    for (int open = choices; open > 0; ) {
      switch (head.completion().take()) {
        case Piece.Text(int choice, String more, int _) -> texts.get(choice).append(more);
        case Piece.End(int choice, Piece.FinishReason reason, int count) -> {
          reasons[choice] = reason.code();
          tokens += count;
          open--;
        }
        case Piece.Failed(Throwable cause) -> throw failure(cause);
      }
    }
    List<Object> answered = new ArrayList<>();
    for (int i = 0; i < choices; i++) {
      answered.add(shape.choice(i, texts.get(i).toString(), reasons[i]));
    }
    response.setContentType("application/json");
    response.getOutputStream().write(json.writeValueAsBytes(shape.answer(head, answered, tokens)));
  }

  /**
   * Writes an event for every piece.
   *
   * @param usage whether the last one tells the numbers of tokens
   */
  void stream(boolean usage) throws IOException, InterruptedException {
    EventStream events = new EventStream(json, response);
    boolean[] begun = new boolean[head.completion().choices()];
    boolean silent = true;
    int tokens = 0;
    for (int open = begun.length; open > 0; ) {
      switch (head.completion().take()) {
        case Piece.Text(int choice, String text, int _) -> {
          events.send(shape.chunk(head, choice, text, !begun[choice], null));
          begun[choice] = true;
        }
        case Piece.End(int choice, Piece.FinishReason reason, int count) -> {
          events.send(shape.chunk(head, choice, "", !begun[choice], reason.code()));
          begun[choice] = true;
          tokens += count;
          open--;
        }
        case Piece.Failed(Throwable cause) -> {
          if (cause instanceof ClientGoneException gone) {
            throw gone;
          }
          if (silent) {
            response.reset();
            throw failure(cause);
          }
          // The status is on its way already: the stream itself must say it.
          events.send(ErrorWriter.envelope(cause));
          events.done();
          return;
        }
      }
      silent = false;
    }
    if (usage) {
      events.send(shape.usageChunk(head, tokens));
    }
    events.done();
  }

  private static RuntimeException failure(Throwable cause) {
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }
}
