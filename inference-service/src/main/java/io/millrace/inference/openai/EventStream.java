package io.millrace.inference.openai;

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

  void send(Object event) throws IOException {
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

  void done() throws IOException {
    try {
      out.write(DONE);
      out.flush();
    } catch (IOException e) {
      throw new ClientGoneException(e);
    }
  }

  /** Nobody reads the stream any more. */
  static final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    ClientGoneException(IOException cause) {
      super(cause);
    }
  }
}
