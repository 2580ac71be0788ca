package io.millrace.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.data.DataServiceClient.Answer;
import io.millrace.testing.TestServers;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

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
    Answer wrong = upload(new Form().file("a.png", png).file("c.json", coco("true", "a.png")));
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.detail())
        .startsWith("form holds no picture that can be used: c.json: images[0].id is neither");
    Answer binary = upload(new Form().file("a.png", png).file("c.json", coco("1", "\\u0000")));
    assertThat(binary.status()).isEqualTo(400);
    assertThat(binary.detail())
        .startsWith("form holds no picture that can be used")
        .contains("c.json: images[0].file_name has control characters");
    assertThat(
            upload(
                    new Form()
                        .file("a.png", png)
                        .file("b.png", png)
                        .file("c.json", coco("1", "b.png")))
                .detail())
        .isEqualTo(
            "file 'a.png' has no annotation; list it without boxes if there is nothing in it");
  }

  /** Letters of any script and folders that the form does not have; ids as texts. */
  @Test
  void findsPicturesByWhateverTheyAreCalled() throws Exception {
    byte[] png = DataServiceTest.png(64, 64);
    for (String name : List.of("katze_\u00e4.png", "\u732b.png", "a&b, c=1 (2).png")) {
      Answer answer =
          upload(new Form().file(name, png).file("c.json", coco("\"1\"", "train/" + name)));
      assertThat(answer.status()).as(name + " " + answer.detail()).isEqualTo(200);
      assertThat(answer.body().path("accepted").asInt()).isEqualTo(1);
      assertThat(answer.body().has("problems")).isFalse();
    }
  }

  @Test
  void leavesOutWhatCannotBeUsedAndSaysSo() throws Exception {
    byte[] png = DataServiceTest.png(64, 64);
    Answer answer =
        upload(
            new Form()
                .file("a.png", png)
                .file("turned.png", DataServiceTest.png(32, 64))
                .file("broken.png", "GIF89a")
                .file("._a.png", "\0\5")
                .file(
                    "c.json",
                    """
                    {"images": [{"id": 1, "file_name": "a.png", "width": 64, "height": 64},
                                {"id": 2, "file_name": "turned.png", "width": 64, "height": 32},
                                {"id": 3, "file_name": "broken.png", "width": 64, "height": 64}],
                     "categories": [{"id": 1, "name": "disc"}],
                     "annotations": [
                       {"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 4, 20, 30],
                        "iscrowd": true},
                       {"id": 2, "image_id": 1, "category_id": null, "bbox": [4, 4, 20, 30]}]}
                    """));
    assertThat(answer.status()).as(answer.detail()).isEqualTo(200);
    assertThat(answer.body().path("accepted").asInt()).isEqualTo(1);
    assertThat(answer.body().path("problems").valueStream().map(JsonNode::asString))
        .containsExactly(
            "c.json: picture 'turned.png' is 32 x 64, its annotation says 64 x 32: boxes would be"
                + " elsewhere, left out",
            "c.json: picture broken.png: neither a PNG nor a JPEG; convert the picture to one of"
                + " them; left out",
            "c.json, annotation 2: unknown category_id null, left out",
            "1 files that macOS adds to archives (__MACOSX, ._*) are ignored");
  }

  @Test
  void takesLabelsOfYolo() throws Exception {
    byte[] png = DataServiceTest.png(64, 64);
    Answer answer =
        upload(
            new Form()
                .file("a.png", png)
                .file("a.txt", "0 0.5 0.25 0.25 0.5\n")
                .file("classes.txt", "disc\n"));
    assertThat(answer.body().path("accepted").asInt()).as(answer.detail()).isEqualTo(1);
    assertThat(answer.body().has("problems")).as("%s", answer.body()).isFalse();
    assertThat(
            upload(
                    new Form()
                        .file("a.png", png)
                        .file("a.txt", "0 0.5 0.25 0.25 0.5\n")
                        .file("c.json", coco("1", "a.png")))
                .detail())
        .startsWith("pictures need annotations, either one COCO .json file or");
  }

  @Test
  void takesArchivesOfPictures() throws Exception {
    byte[] png = DataServiceTest.png(64, 64);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("train/a.png"));
      zip.write(png);
      zip.putNextEntry(new ZipEntry("c.json"));
      zip.write(coco("1", "train/a.png").getBytes(StandardCharsets.UTF_8));
    }
    Answer body = raw("/api/datasets/shapes/documents", "application/zip", out.toByteArray());
    assertThat(body.body().path("accepted").asInt()).as(body.detail()).isEqualTo(1);
    Answer form =
        upload(
            new Form()
                .file("one.zip", out.toByteArray())
                .file("two.ZIP", out.toByteArray())
                .file("b.png", png)
                .file("c.json", coco("1", "b.png")));
    assertThat(form.body().path("accepted").asInt()).as(form.detail()).isEqualTo(3);
    Answer none = upload(new Form().file("none.zip", "PK"));
    assertThat(none.status()).isEqualTo(400);
    assertThat(none.detail()).startsWith("file 'none.zip': it is no zip archive");
  }

  @Test
  void takesPicturesAsTheyAre() throws Exception {
    byte[] png = DataServiceTest.png(64, 64);
    String documents = "/api/datasets/shapes/documents";
    String boxes =
        URLEncoder.encode(
            "[{\"x\":4,\"y\":4,\"width\":20,\"height\":30,\"label\":\"disc\"}]",
            StandardCharsets.UTF_8);
    Answer known = raw(documents + "?id=k%C3%A4fer.png&boxes=" + boxes, "image/png", png);
    assertThat(known.body().path("accepted").asInt()).as(known.detail()).isEqualTo(1);
    Answer background = raw(documents, "image/png", png);
    assertThat(background.body().path("accepted").asInt()).as(background.detail()).isEqualTo(1);
    Answer jpeg = raw(documents, "image/jpeg", "GIF89a".getBytes(StandardCharsets.US_ASCII));
    assertThat(jpeg.status()).isEqualTo(400);
    assertThat(jpeg.detail())
        .isEqualTo("the picture: neither a PNG nor a JPEG; convert the picture to one of them");
    assertThat(raw(documents + "?boxes=%5B7%5D", "image/png", png).detail())
        .isEqualTo("boxes[0] must be an object");
    assertThat(raw(documents + "?boxes=%5B", "image/png", png).detail()).startsWith("boxes: not");
    Answer negative = raw(documents + "?boxes=" + boxes.replace("20", "-5"), "image/png", png);
    assertThat(negative.status()).isEqualTo(400);
    assertThat(negative.detail())
        .isEqualTo(
            "box 0 is -5.0 pixels wide and 30.0 high; both must be above 0 and at most 1048576");
    assertThat(raw(documents, "image/png", new byte[(8 << 20) + 1]).status()).isEqualTo(413);
    Answer webp = raw(documents, "image/webp", png);
    assertThat(webp.status()).isEqualTo(415);
    assertThat(webp.body().toString())
        .contains("image/png")
        .contains("image/jpeg")
        .contains("multipart/form-data")
        .contains("application/x-ndjson");
  }

  private static Answer raw(String path, String type, byte[] picture) {
    return client.send("POST", path, type, BodyPublishers.ofByteArray(picture));
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
