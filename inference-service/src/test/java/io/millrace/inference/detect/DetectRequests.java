package io.millrace.inference.detect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Random;

/** Requests to the shared service in the forms that clients send, and their refusals. */
final class DetectRequests {
  static final InferenceFixture SERVICE = InferenceFixture.shared();

  private DetectRequests() {}

  static byte[] noise(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new Random(1).nextBytes(rgb);
    return PictureWriter.png(new Picture(width, height, rgb));
  }

  static HttpRequest raw(String query, String type, byte[] body) {
    return SERVICE
        .request("/api/detect" + query)
        .header("Content-Type", type)
        .POST(BodyPublishers.ofByteArray(body))
        .build();
  }

  /** Asks for an answer of a type. */
  static HttpRequest accepting(String accept, String query, byte[] png) {
    return SERVICE
        .request("/api/detect" + query)
        .header("Content-Type", "image/png")
        .header("Accept", accept)
        .POST(BodyPublishers.ofByteArray(png))
        .build();
  }

  static HttpRequest form(String parts) {
    return SERVICE
        .request("/api/detect")
        .header("Content-Type", "multipart/form-data; boundary=cut")
        .POST(BodyPublishers.ofString(parts + "--cut--\r\n", ISO_8859_1))
        .build();
  }

  static String part(String name, String value) {
    return "--cut\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
        .formatted(name, value);
  }

  static String file(String name, byte[] bytes) {
    return "--cut\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n%s\r\n"
        .formatted(name, new String(bytes, ISO_8859_1));
  }

  static void requireRefusal(HttpResponse<String> answer, int status, String message) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(InferenceFixture.JSON.readTree(answer.body()).path("detail").asString())
        .contains(message);
  }
}
