package io.millrace.data;

import static io.millrace.data.DataServiceClient.NDJSON;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topics;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.contracts.record.Samples;
import io.millrace.data.DataServiceClient.Answer;
import io.millrace.data.fixture.CommittedRecords;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.store.ObjectStore;
import io.millrace.testing.TestServers;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DataServiceTest {
  private static final Map<String, Object> PROPERTIES = TestServers.properties();
  private static DataServiceClient client;

  @BeforeAll
  static void start() {
    client = new DataServiceClient(PROPERTIES);
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  @Test
  void textGoesFromUploadToSnapshotAndSurvivesARestart() throws Exception {
    Answer created =
        client.post("/api/datasets", "{\"name\":\"fables\",\"kind\":\"text\",\"pack_length\":64}");
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.body().path("preparation").asString()).isEqualTo("waiting_for_tokenizer");
    assertThat(client.post("/api/datasets/fables/snapshots", "{}").detail())
        .isEqualTo(
            "dataset 'fables' has no tokenizer yet, so nothing of it is prepared; set one first");
    assertThat(
            client
                .post("/api/datasets/fables/tokenizer", "{\"train\":{\"vocab_size\":300}}")
                .status())
        .isEqualTo(409);

    String lines =
        IntStream.range(0, 200)
            .mapToObj(i ->
                "{\"id\":\"f%d\",\"text\":\"The fox number %d sees the crow.\\n\"}".formatted(i, i))
            .collect(Collectors.joining("\n"));
    Answer accepted = client.post("/api/datasets/fables/documents", NDJSON, lines);
    assertThat(accepted.body().path("accepted").asLong()).isEqualTo(200);
    assertThat(
            client
                .post(
                    "/api/datasets/fables/documents?id=one",
                    "text/plain; charset=utf-8",
                    "A fox, ß…")
                .body()
                .path("accepted")
                .asLong())
        .isEqualTo(1);
    poison("documents.fables");

    Answer training =
        client.post("/api/datasets/fables/tokenizer", "{\"train\":{\"vocab_size\":300}}");
    assertThat(training.status()).isEqualTo(202);
    assertThat(training.body().path("tokenizer").path("state").asString())
        .as("it takes little time")
        .isIn("training", "ready");
    // A snapshot waits for the tokenizer too.
    Answer sealed = client.post("/api/datasets/fables/snapshots", "{}");
    assertThat(sealed.status()).isEqualTo(201);
    JsonNode ready = client.get("/api/datasets/fables").body();
    assertThat(ready.path("tokenizer").path("state").asString()).isEqualTo("ready");
    assertThat(ready.path("tokenizer").path("vocab_size").asInt()).isBetween(261, 300);
    assertThat(
            client
                .post("/api/datasets/fables/tokenizer", "{\"train\":{\"vocab_size\":301}}")
                .status())
        .isEqualTo(409);

    JsonNode counts = sealed.body().path("counts");
    assertThat(counts.path("documents").asLong()).isEqualTo(202);
    assertThat(counts.path("prepared").asLong()).isEqualTo(201);
    assertThat(counts.path("rejected").asLong()).isEqualTo(1);
    assertThat(counts.path("packed_tokens").asLong()).isEqualTo(counts.path("tokens").asLong());
    assertThat(counts.path("heldout_sequences").asLong()).isPositive();
    assertThat(texts("fables"))
        .hasSize(201)
        .contains("A fox, ß…", "The fox number 7 sees the crow.\n");

    // Nothing new: the same snapshot, not another one.
    assertThat(client.post("/api/datasets/fables/snapshots", "{}").body().path("version").asInt())
        .isEqualTo(1);
    client.close();
    client = new DataServiceClient(PROPERTIES);
    client.post("/api/datasets/fables/documents", NDJSON, "{\"text\":\"After the restart.\"}");
    Answer second = client.post("/api/datasets/fables/snapshots", "{}");
    assertThat(second.body().path("version").asInt()).isEqualTo(2);
    assertThat(second.body().path("sha256")).isNotEqualTo(sealed.body().path("sha256"));
    assertThat(second.body().path("counts").path("prepared").asLong()).isEqualTo(202);
    assertThat(texts("fables")).hasSize(202).doesNotHaveDuplicates().contains("After the restart.");
    assertThat(client.get("/api/datasets/fables/snapshots").body().path("snapshots")).hasSize(2);
  }

  @Test
  void picturesBecomeSamplesWithTheirBoxes() throws Exception {
    assertThat(
            client
                .post(
                    "/api/datasets",
                    """
                    {"name":"shapes","kind":"images","image_width":64,"image_height":32,
                     "classes":["disc","star"],"heldout_percent":0}\
                    """)
                .status())
        .isEqualTo(201);
    String png = Base64.getEncoder().encodeToString(png(128, 128));
    String good =
        "{\"id\":\"p\",\"image\":\"%s\",\"boxes\":[{\"x\":40,\"y\":80,\"width\":400,\"height\":20,\"label\":\"star\",\"area\":6400}]}"
            .formatted(png);
    String bad =
        "{\"id\":\"q\",\"image\":\"%s\",\"boxes\":[{\"x\":1,\"y\":1,\"width\":4,\"height\":4,\"label\":\"moon\"}]}"
            .formatted(png);
    String broken = "{\"id\":\"r\",\"image\":\"AAAA\",\"boxes\":[]}";
    assertThat(
            client
                .post("/api/datasets/shapes/documents", NDJSON, good + "\n" + bad + "\n" + broken)
                .body()
                .path("accepted")
                .asInt())
        .isEqualTo(3);

    JsonNode counts = client.post("/api/datasets/shapes/snapshots", "{}").body().path("counts");
    assertThat(counts.path("sequences").asInt()).isEqualTo(1);
    assertThat(counts.path("rejected").asInt()).isEqualTo(2);
    assertThat(counts.path("boxes").asInt()).isEqualTo(1);
    Topics topics = client.service.getBean(Topics.class);
    Sample sample =
        Samples.parse(records(topics.samples("shapes", Split.TRAIN)).getFirst().value());
    assertThat(sample.getWidth()).isEqualTo(128); // not the dataset's, which is the network's
    assertThat(sample.getScale()).isEqualTo(1);
    assertThat(sample.getBoxes(0).getX()).isEqualTo(40);
    assertThat(sample.getBoxes(0).getY()).isEqualTo(80);
    assertThat(sample.getBoxes(0).getWidth()).isEqualTo(88); // cut at the picture's edge
    assertThat(sample.getBoxes(0).getArea()).isEqualTo(1408); // 0.8 of the box, as before
    assertThat(sample.getBoxes(0).getClassIndex()).isEqualTo(1);
    assertThat(
            records(topics.deadLetters(topics.documents("shapes"))).stream()
                .map(letter ->
                    new String(
                        letter.headers().lastHeader("x-reason").value(), StandardCharsets.UTF_8)))
        .satisfiesExactly(
            reason ->
                assertThat(reason)
                    .isEqualTo("box 0 has the label 'moon', which is not a class of the dataset"),
            reason -> assertThat(reason).startsWith("r: "));
  }

  @Test
  void filesOfAFormAreDocuments() throws Exception {
    client.post("/api/datasets", "{\"name\":\"files\",\"kind\":\"text\"}");
    String form =
        part("a.txt", "First file.")
            + part("b.jsonl", "{\"text\":\"x\"}\n{\"text\":\"y\"}")
            + "--b--\r\n";
    assertThat(
            client
                .post("/api/datasets/files/documents", "multipart/form-data; boundary=b", form)
                .body()
                .path("accepted")
                .asInt())
        .isEqualTo(3);
    Answer refused =
        client.post(
            "/api/datasets/files/documents",
            "multipart/form-data; boundary=b",
            part("ok.txt", "Fine.") + part("bad.txt", "a\0b") + "--b--\r\n");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.detail())
        .isEqualTo(
            "file 'bad.txt': not text but binary data: a NUL byte at position 1 (1 documents before it were accepted)");

    client.post(
        "/api/datasets",
        "{\"name\":\"voc\",\"kind\":\"images\",\"classes\":[\"disc\"],\"image_width\":64,\"image_height\":64}");
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"c.png\"\r\n\r\n"
            .getBytes(StandardCharsets.UTF_8));
    body.writeBytes(png(64, 64));
    String xml =
        "<annotation><filename>c.png</filename><size><width>64</width><height>64</height></size><object><name>disc</name>"
            + "<bndbox><xmin>5</xmin><ymin>5</ymin><xmax>20</xmax><ymax>20</ymax></bndbox></object></annotation>";
    byte[] withoutTruth = body.toByteArray();
    body.writeBytes(("\r\n" + part("c.xml", xml) + "--b--\r\n").getBytes(StandardCharsets.UTF_8));
    assertThat(
            client
                .send(
                    "POST",
                    "/api/datasets/voc/documents",
                    "multipart/form-data; boundary=b",
                    BodyPublishers.ofByteArray(body.toByteArray()))
                .body()
                .path("accepted")
                .asInt())
        .isEqualTo(1);
    assertThat(
            client
                .post("/api/datasets/voc/snapshots", "{}")
                .body()
                .path("counts")
                .path("boxes")
                .asInt())
        .isEqualTo(1);
    assertThat(
            client
                .send(
                    "POST",
                    "/api/datasets/voc/documents",
                    "multipart/form-data; boundary=b",
                    BodyPublishers.concat(
                        BodyPublishers.ofByteArray(withoutTruth),
                        BodyPublishers.ofString("\r\n--b--\r\n")))
                .detail())
        .startsWith("pictures need annotations");
  }

  @Test
  void otherProducersMayWritePlainText() throws Exception {
    client.post("/api/datasets", "{\"name\":\"plain\",\"heldout_percent\":0}");
    client.post("/api/datasets/plain/documents", NDJSON, "{\"text\":\"a a a a\"}");
    Topics topics = client.service.getBean(Topics.class);
    try (Producer<byte[], byte[]> producer =
        client.service.getBean(KafkaClients.class).producer("foreign")) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              topics.documents("plain"),
              "k".getBytes(StandardCharsets.UTF_8),
              "From elsewhere".getBytes(StandardCharsets.UTF_8));
      record
          .headers()
          .add("content-type", "text/plain; charset=UTF-8".getBytes(StandardCharsets.UTF_8));
      producer.send(record);
    }
    client.post("/api/datasets/plain/tokenizer", "{\"train\":{\"vocab_size\":300}}");
    client.await("plain", body -> body.path("counts").path("prepared").asInt() == 2);
    assertThat(texts("plain")).containsExactlyInAnyOrder("a a a a", "From elsewhere");
    assertThat(client.delete("/api/datasets/plain").status()).isEqualTo(204);
    assertThat(client.get("/api/datasets/plain").status()).isEqualTo(404);
    assertThat(
            client
                .post("/api/datasets", "{\"name\":\"plain\"}")
                .body()
                .path("counts")
                .path("documents")
                .asInt())
        .isZero();
  }

  @Test
  void aReplicaTakesOverWhenTheOtherIsGone() throws Exception {
    client.post("/api/datasets", "{\"name\":\"shared\",\"heldout_percent\":0}");
    client.post("/api/datasets/shared/documents", NDJSON, "{\"text\":\"a a a a\"}");
    client.post("/api/datasets/shared/tokenizer", "{\"train\":{\"vocab_size\":300}}");
    client.await("shared", body -> body.path("counts").path("prepared").asInt() == 1);
    DataServiceClient first = client;
    DataServiceClient second = new DataServiceClient(PROPERTIES);
    try {
      second.post("/api/datasets/shared/documents", NDJSON, "{\"text\":\"b b b b\"}");
      JsonNode seen =
          second.await("shared", body -> body.path("counts").path("prepared").asInt() == 2);
      assertThat(seen.path("preparation").asString()).isEqualTo("elsewhere");
      assertThat(first.get("/api/datasets/shared").body().path("preparation").asString())
          .isEqualTo("running");
    } finally {
      client = second;
      first.close();
    }
    second.post("/api/datasets/shared/documents", NDJSON, "{\"text\":\"c c c c\"}");
    JsonNode seen =
        second.await("shared", body -> body.path("counts").path("prepared").asInt() == 3);
    assertThat(seen.path("preparation").asString()).isEqualTo("running");
    assertThat(texts("shared")).containsExactlyInAnyOrder("a a a a", "b b b b", "c c c c");
  }

  @Test
  void realTextIsPackedTightAndWhole() throws Exception {
    Path file = data("tinyshakespeare/input.txt");
    client.post("/api/datasets", "{\"name\":\"shakespeare\"}");
    StringBuilder lines = new StringBuilder();
    long characters = 0;
    for (String speech : Files.readString(file).split("\n\n")) {
      lines
          .append("{\"text\":")
          .append(tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(speech))
          .append("}\n");
      characters += speech.length();
    }
    client.post("/api/datasets/shakespeare/documents", NDJSON, lines.toString());
    client.post("/api/datasets/shakespeare/tokenizer", "{\"train\":{\"vocab_size\":512}}");
    client.await(
        "shakespeare", body -> body.path("tokenizer").path("state").asString().equals("ready"));
    JsonNode counts =
        client.post("/api/datasets/shakespeare/snapshots", "{}").body().path("counts");
    JsonNode dataset = client.get("/api/datasets/shakespeare").body();

    assertThat(dataset.path("counts").path("tokens_lost").asLong()).isZero();
    assertThat(dataset.path("counts").path("packing_efficiency").asDouble()).isGreaterThan(0.98);
    assertThat(counts.path("tokens").asLong()).isLessThan(characters);
    assertThat(texts("shakespeare").stream().mapToLong(String::length).sum()).isEqualTo(characters);
  }

  @Test
  void realCellsBecomeSamples() throws Exception {
    Path bccd = data("bccd/BCCD");
    client.post(
        "/api/datasets",
        """
        {"name":"cells","kind":"images","image_width":320,"image_height":256,"heldout_percent":20,
         "classes":["RBC","WBC","Platelets"]}\
        """);
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    List<Path> annotations;
    try (Stream<Path> files = Files.list(bccd.resolve("Annotations"))) {
      annotations = files.sorted().limit(30).toList();
    }
    int objects = 0;
    for (Path xml : annotations) {
      String name = xml.getFileName().toString().replace(".xml", ".jpg");
      objects += Files.readString(xml).split("<object>", -1).length - 1;
      form.writeBytes(head(name));
      form.writeBytes(Files.readAllBytes(bccd.resolve("JPEGImages").resolve(name)));
      form.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
      form.writeBytes(head(xml.getFileName().toString()));
      form.writeBytes(Files.readAllBytes(xml));
      form.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    form.writeBytes("--b--\r\n".getBytes(StandardCharsets.UTF_8));
    Answer accepted =
        client.send(
            "POST",
            "/api/datasets/cells/documents",
            "multipart/form-data; boundary=b",
            BodyPublishers.ofByteArray(form.toByteArray()));
    assertThat(accepted.body().path("accepted").asInt())
        .as(accepted.body().toString())
        .isEqualTo(30);

    JsonNode counts = client.post("/api/datasets/cells/snapshots", "{}").body().path("counts");
    assertThat(counts.path("sequences").asInt() + counts.path("heldout_sequences").asInt())
        .isEqualTo(30);
    assertThat(counts.path("heldout_sequences").asInt()).isBetween(1, 15);
    long leftOut =
        accepted
            .body()
            .path("problems")
            .valueStream()
            .filter(problem -> problem.asString().contains("left out"))
            .count();
    assertThat(counts.path("boxes").asLong() + leftOut).isEqualTo(objects);
    Topics topics = client.service.getBean(Topics.class);
    for (ConsumerRecord<byte[], byte[]> record : records(topics.samples("cells", Split.TRAIN))) {
      Sample sample = Samples.parse(record.value());
      assertThat(sample.getScale()).isEqualTo(1);
      assertThat(sample.getWidth()).isEqualTo(640); // its own: 320 is the network's
      assertThat(sample.getHeight()).isEqualTo(480);
      assertThat(sample.getBoxesList())
          .allSatisfy(box -> assertThat(box.getY() + box.getHeight()).isLessThanOrEqualTo(480));
    }
  }

  private static byte[] head(String name) {
    return "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"%s\"\r\n\r\n"
        .formatted(name)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static Path data(String name) {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      for (String shared : List.of("shared/data", "../shared/data")) {
        Path file = at.resolve(shared).resolve(name).normalize();
        if (Files.exists(file)) {
          return file;
        }
      }
    }
    return Assumptions.abort("no ../shared/data/" + name + " beside the repository");
  }

  private static void poison(String topic) {
    Topics topics = client.service.getBean(Topics.class);
    try (Producer<byte[], byte[]> producer =
        client.service.getBean(KafkaClients.class).producer("foreign")) {
      producer.send(new ProducerRecord<>(topics.prefix() + topic, new byte[] {1, 2}));
    }
  }

  /** The pieces of a text dataset as text, without the end of document. */
  private static List<String> texts(String dataset) throws IOException {
    Topics topics = client.service.getBean(Topics.class);
    String location =
        client.get("/api/datasets/" + dataset).body().path("tokenizer").path("location").asString();
    Tokenizer tokenizer =
        Tokenizer.read(client.service.getBean(ObjectStore.class).read(location, 1 << 24));
    List<String> texts = new ArrayList<>();
    for (Split split : Split.values()) {
      for (ConsumerRecord<byte[], byte[]> record : records(topics.sequences(dataset, split))) {
        PackedSequence sequence = PackedSequences.parse(record.value());
        int[] ids = PackedSequences.tokenIds(sequence);
        int[] starts = PackedSequences.documentStarts(sequence);
        for (int i = 0; i + 1 < starts.length; i++) {
          boolean whole = ids[starts[i + 1] - 1] == tokenizer.endOfDocument();
          texts.add(
              tokenizer.decode(
                  java.util.Arrays.copyOfRange(ids, starts[i], starts[i + 1] - (whole ? 1 : 0))));
        }
      }
    }
    return texts;
  }

  private static List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    return CommittedRecords.of(client.service.getBean(KafkaClients.class), topic);
  }

  static byte[] png(int width, int height) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", out);
    return out.toByteArray();
  }

  private static String part(String name, String content) {
    return "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"%s\"\r\n\r\n%s\r\n"
        .formatted(name, content);
  }
}
