package io.millrace.inference.openai;

import io.millrace.platform.error.ClientGoneException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/** Server-sent events, each on its way to the client at once. */
final class EventStream {

  private static final byte[] BEGIN = "data: ".getBytes(StandardCharsets.UTF_8);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);

  private final JsonMapper json;
  private final OutputStream out;

  EventStream(JsonMapper json, HttpServletResponse response) throws IOException {
    this.json = json;
    response.setContentType("text/event-stream;charset=UTF-8");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Accel-Buffering", "no");
    this.out = response.getOutputStream();
  }

  /**
   * Sends one.
   *
   * @throws ClientGoneException if nobody reads the stream any more
   */
  void send(Object event) {
    byte[] data = json.writeValueAsBytes(event);
    try {
      out.write(BEGIN);
      out.write(data);
      out.write(END);
      out.flush();
    } catch (IOException e) {
      throw new ClientGoneException(e);
    }
  }

  void done() {
    try {
      out.write(DONE);
      out.flush();
    } catch (IOException e) {
      throw new ClientGoneException(e);
    }
  }
}
