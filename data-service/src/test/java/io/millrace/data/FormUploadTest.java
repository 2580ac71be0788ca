package io.millrace.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.data.DataServiceClient.Answer;
import io.millrace.testing.TestServers;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pictures of a form with their COCO annotations, and what is refused of them. */
class FormUploadTest {
  private static DataServiceClient client;

  @BeforeAll
  static void start() {
    client = new DataServiceClient(TestServers.properties());
    client.post(
        "/api/datasets",
        """
        {"name":"shapes","kind":"images","classes":["disc"],"image_width":64,"image_height":64,
         "heldout_percent":0}\
        """);
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  @Test
  void refusesNamesThatAreNoneAndAnnotationsThatAreNone() throws Exception {
    byte[] png = DataServiceTest.png(64, 64);
    assertThat(upload(new Form().file("../a.png", png)).detail())
        .startsWith("file '../a.png': its name comes twice or is none for a picture");
    assertThat(upload(new Form().file("a.png", png).file("a.png", png)).detail())
        .startsWith("file 'a.png': its name comes twice");
    assertThat(upload(new Form().file("a.png", png).file("c.json", "{\"images\":[]}")).detail())
        .isEqualTo("form has JSON files, but none with COCO's images and annotations");
    Answer wrong = upload(new Form().file("a.png", png).file("c.json", coco("\"one\"", "a.png")));
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.detail()).isEqualTo("c.json: images[0].id is not a whole number");
    Answer binary = upload(new Form().file("a.png", png).file("c.json", coco("1", "\\u0000")));
    assertThat(binary.status()).isEqualTo(400);
    assertThat(binary.detail()).isEqualTo("c.json: images[0].file_name has control characters");
    assertThat(upload(new Form().file("a.png", png).file("c.json", coco("1", "b.png"))).detail())
        .isEqualTo(
            "file 'a.png' has no annotation; list it without boxes if there is nothing in it");
  }

  @Test
  void refusesFilesThatAreTooLargeBeforeItReadsThem() throws Exception {
    Answer picture =
        upload(
            new Form().file("a.png", new byte[(8 << 20) + 1]).file("c.json", coco("1", "a.png")));
    assertThat(picture.status()).isEqualTo(413);
    assertThat(picture.detail()).isEqualTo("file 'a.png' has 8388609 bytes, the limit is 8388608");
    Answer annotation =
        upload(
            new Form()
                .file("a.png", DataServiceTest.png(64, 64))
                .file("c.json", new byte[(64 << 20) + 1]));
    assertThat(annotation.status()).isEqualTo(413);
    assertThat(annotation.detail())
        .isEqualTo("file 'c.json' has 67108865 bytes, the limit is 67108864");
  }

  @Test
  void refusesFieldsThatAreNoFiles() {
    Answer answer =
        client.post(
            "/api/datasets/shapes/documents",
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"split\"\r\n\r\ntrain\r\n--b--\r\n");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.detail())
        .isEqualTo("form field 'split' is no file; documents of a form are files");
  }

  private static String coco(String id, String file) {
    return """
    {"images": [{"id": %s, "file_name": "%s", "width": 64, "height": 64}],
     "categories": [{"id": 1, "name": "disc"}],
     "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 4, 20, 30]}]}
    """
        .formatted(id, file);
  }

  private static Answer upload(Form form) {
    return client.send(
        "POST",
        "/api/datasets/shapes/documents",
        "multipart/form-data; boundary=b",
        BodyPublishers.ofByteArray(form.bytes()));
  }

  private static final class Form {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Form file(String name, String content) {
      return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    Form file(String name, byte[] content) {
      out.writeBytes(
          "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"%s\"\r\n\r\n"
              .formatted(name)
              .getBytes(StandardCharsets.UTF_8));
      out.writeBytes(content);
      out.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
      return this;
    }

    byte[] bytes() {
      out.writeBytes("--b--\r\n".getBytes(StandardCharsets.UTF_8));
      return out.toByteArray();
    }
  }
}
