package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every form in which documents come in over REST. */
abstract class UploadContract {
  private static final String TEXTS = "uploads-of-texts";
  private static final String SCENES = "uploads-of-scenes";

  private final Rest rest;
  private final RestDatasets datasets;

  UploadContract(Rest rest) {
    this.rest = rest;
    this.datasets = new RestDatasets(rest);
  }

  @Test
  void takesTexts() {
    datasets.createTexts(TEXTS, 32);
    String path = documents(TEXTS);
    assertThat(accepted(rest.post(path, "application/x-ndjson", "{\"id\":\"a\",\"text\":\"A\"}\n")))
        .isOne();
    assertThat(accepted(rest.post(path, "text/plain; charset=utf-8", "Just a text, ä."))).isOne();
    assertThat(accepted(rest.post(path + "?id=named", "text/plain", "A text with a name.")))
        .isOne();
    assertThat(
            accepted(
                rest.post(
                    path,
                    new Form()
                        .file("file", "lines.jsonl", "{\"text\":\"B\"}\n{\"text\":\"C\"}\n")
                        .file("file", "whole.txt", "A whole file."))))
        .isEqualTo(3);
    assertThat(datasets.get(TEXTS).documents()).isEqualTo(6);
  }

  @Test
  void takesTextsInOtherForms() {
    String name = "uploads-in-other-forms";
    datasets.createTexts(name, 32);
    String path = documents(name);
    for (String type : List.of("application/ndjson", "application/jsonl")) {
      assertThat(accepted(rest.post(path, type, "{\"text\":\"A\"}\n"))).as(type).isOne();
    }
    assertThat(accepted(rest.post(path, "text/csv", "text\n\"A, B\"\nC\n"))).isEqualTo(2);
    assertThat(
            accepted(
                rest.post(path + "?column=words", "text/tab-separated-values", "n\twords\n1\tD\n")))
        .isOne();
    assertThat(
            accepted(
                rest.send(
                    "POST", path, "application/zip", zip("a.txt", bytes("Packed in a zip.")))))
        .isOne();
    assertThat(accepted(rest.post(path, Map.of("id", "alone", "text", "E")))).isOne();
    assertThat(accepted(rest.post(path, "application/json", "[{\"text\":\"F\"},{\"text\":\"G\"}]")))
        .isEqualTo(2);
    assertThat(datasets.get(name).documents()).isEqualTo(9);
  }

  @Test
  void takesPictures() {
    datasets.createPictures(SCENES);
    String path = documents(SCENES);
    assertThat(
            accepted(
                rest.post(
                    path,
                    "application/x-ndjson",
                    LearnedModels.lines(List.of(new Scene(1).document())))))
        .isOne();
    Scene scene = new Scene(2);
    Form form =
        new Form().file("f", scene.file(), scene.png()).file("g", "annotations.json", scene.coco());
    assertThat(accepted(rest.post(path, form))).isOne();
    String boxes =
        "[{\"x\":%d,\"y\":%d,\"width\":%d,\"height\":%d,\"label\":\"%s\"}]"
            .formatted(scene.x(), scene.y(), scene.size(), scene.size(), Scene.LABEL);
    String query = "?id=raw.png&boxes=" + URLEncoder.encode(boxes, StandardCharsets.UTF_8);
    assertThat(accepted(rest.send("POST", path + query, "image/png", scene.png()))).isOne();
    assertThat(accepted(rest.send("POST", path, "image/jpeg", scene.jpeg())))
        .as("with nothing in it")
        .isOne();
    byte[] packed = zip(scene.file(), scene.png(), "coco.json", bytes(scene.coco()));
    assertThat(accepted(rest.send("POST", path, "application/zip", packed))).isOne();
    datasets.seal(SCENES);
    assertThat(datasets.get(SCENES).prepared()).isEqualTo(5);
  }

  @Test
  void saysWhatItTakes() {
    datasets.createTexts("uploads-of-others", 32);
    Rest.Answer documents = rest.post(documents("uploads-of-others"), "application/pdf", "x");
    assertThat(documents.status()).isEqualTo(415);
    assertThat(documents.json().path("detail").asString())
        .contains("application/x-ndjson", "text/plain", "multipart/form-data", "image/png");
    Rest.Answer picture = rest.post("/api/detect?model=any", "image/gif", "x");
    assertThat(picture.status()).isEqualTo(415);
    assertThat(picture.json().path("detail").asString())
        .contains("image/png", "image/jpeg", "multipart/form-data", "application/json");
  }

  @Test
  void listsSnapshots() {
    String name = "uploads-in-snapshots";
    datasets.createPictures(name);
    for (int i = 1; i < 4; i++) {
      datasets.appendScene(name, new Scene(i));
    }
    JsonNode sealed = rest.post("/api/datasets/" + name + "/snapshots", Map.of()).expect(201);
    JsonNode listed = rest.get("/api/datasets/" + name + "/snapshots").expect(200);
    assertThat(listed.path("snapshots").valueStream()).containsExactly(sealed);
  }

  private static String documents(String dataset) {
    return "/api/datasets/" + dataset + "/documents";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] zip(String name, byte[] content) {
    return zip(name, content, "empty/", new byte[0]);
  }

  private static byte[] zip(String first, byte[] content, String second, byte[] more) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(first));
      zip.write(content);
      zip.putNextEntry(new ZipEntry(second));
      zip.write(more);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static long accepted(Rest.Answer answer) {
    return answer.expect(200).path("accepted").asLong();
  }
}
