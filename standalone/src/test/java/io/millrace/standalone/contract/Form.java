package io.millrace.standalone.contract;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The body of a form. */
final class Form {
  static final String CONTENT_TYPE = "multipart/form-data; boundary=contract";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Form field(String name, String value) {
    return part("name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8));
  }

  Form file(String field, String name, byte[] content) {
    return part("name=\"%s\"; filename=\"%s\"".formatted(field, name), content);
  }

  Form file(String field, String name, String content) {
    return file(field, name, content.getBytes(StandardCharsets.UTF_8));
  }

  byte[] bytes() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(out.toByteArray());
    whole.writeBytes("--contract--\r\n".getBytes(StandardCharsets.US_ASCII));
    return whole.toByteArray();
  }

  private Form part(String disposition, byte[] content) {
    out.writeBytes(
        "--contract\r\nContent-Disposition: form-data; %s\r\n\r\n"
            .formatted(disposition)
            .getBytes(StandardCharsets.UTF_8));
    out.writeBytes(content);
    out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    return this;
  }
}
