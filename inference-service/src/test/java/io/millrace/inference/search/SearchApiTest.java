package io.millrace.inference.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.grpc.StatusRuntimeException;
import io.millrace.contracts.Topics;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.inference.v1.CreateIndexRequest;
import io.millrace.contracts.inference.v1.DeleteIndexRequest;
import io.millrace.contracts.inference.v1.ListIndexesRequest;
import io.millrace.contracts.inference.v1.SearchRequest;
import io.millrace.contracts.inference.v1.SearchResponse;
import io.millrace.contracts.record.DocumentHeader;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.contracts.record.Samples;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.TinyModels;
import io.millrace.platform.checkpoint.Sha256;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.ForeignRecords;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Indexes that are filled from the log, and what is found in them. */
class SearchApiTest {
  private static final Map<String, String> TEXTS =
      Map.of(
          "river", "the river turns the mill wheel",
          "mill", "mill, mill, mill",
          "wheel", "wheel the turns river");
  private static final InferenceFixture SERVICE = InferenceFixture.shared();

  @BeforeAll
  static void fill() throws Exception {
    texts("searched");
    append("searched", Topics.Split.TRAIN, 0, 0, List.of("river", "mill"));
    append("searched", Topics.Split.HELDOUT, 0, 0, List.of("wheel"));
    SERVICE
        .bean(Registry.class)
        .createDataset(
            new DatasetEntry(
                "search-rows", new Content.Rows(List.of("a"), List.of()), 0, Instant.EPOCH));
    pictures("search-pictures");
  }

  @Test
  void findsTheDocumentItselfFirst() throws Exception {
    JsonNode made = create("own", "story", "searched");
    assertThat(made.path("name").asString()).isEqualTo("own");
    awaitItems("own", 3);
    for (Map.Entry<String, String> document : TEXTS.entrySet()) {
      JsonNode answer =
          SERVICE.post("/api/search", Map.of("index", "own", "text", document.getValue()));
      assertThat(answer.path("items").asInt()).isEqualTo(3);
      assertThat(answer.path("results").size()).isEqualTo(3);
      JsonNode best = answer.at("/results/0");
      assertThat(best.path("document_id").asString()).isEqualTo(document.getKey());
      assertThat(best.path("score").asDouble()).isCloseTo(1, within(1e-4));
      assertThat(best.path("text").asString()).isEqualTo(document.getValue());
      assertThat(answer.at("/results/1/score").asDouble())
          .isGreaterThanOrEqualTo(answer.at("/results/2/score").asDouble());
    }
    assertThat(
            SERVICE
                .post("/api/search", Map.of("index", "own", "text", "the", "limit", 1))
                .path("results")
                .size())
        .isOne();
  }

  @Test
  void followsTheStreamAndTheModel() throws Exception {
    texts("growing");
    create("follows", "writer", "growing");
    append("growing", Topics.Split.TRAIN, 0, 0, List.of("river"));
    assertThat(awaitItems("follows", 1).path("model_version").asInt()).isOne();
    append("growing", Topics.Split.TRAIN, 0, 1, List.of("mill", "wheel"));
    awaitItems("follows", 3);

    SERVICE.awaitServing(SERVICE.publishLanguage("writer", 2));
    JsonNode anew =
        InferenceFixture.await(
            () -> index("follows"),
            index -> index.path("model_version").asInt() == 2 && index.path("items").asInt() == 3);
    assertThat(anew.has("trouble")).isFalse();
    assertThat(
            SERVICE
                .post("/api/search", Map.of("index", "follows", "text", TEXTS.get("mill")))
                .at("/results/0/document_id")
                .asString())
        .isEqualTo("mill");
  }

  /** A text that was cut has pieces in several records, all of one document. */
  @Test
  void followsDocumentsThatTakeThePlaceOfOthers() throws Exception {
    texts("replaced");
    Revisions revisions = new Revisions("replaced");
    revisions.send(0, 7, 1_000, "a", "river");
    revisions.send(0, 7, 1_000, "a", "mill");
    revisions.send(0, 8, 1_000, "b", "wheel");
    create("follows-replaced", "story", "replaced");
    awaitItems("follows-replaced", 3);
    // Later in its partition, whatever the clock says; in the other one, later by the clock.
    revisions.send(0, 9, 900, "a", "wheel");
    revisions.send(1, 3, 2_000, "b", "mill");
    // There are two items already when only the first of the two was read.
    InferenceFixture.await(() -> found("follows-replaced"), Set.of("a: wheel", "b: mill")::equals);
    // The other partition is behind: what comes now was replaced before.
    revisions.send(1, 4, 500, "a", "river");
    // Nothing to read.
    revisions.send(1, 5, 3_000, "b", "blank");
    awaitItems("follows-replaced", 1);
    assertThat(found("follows-replaced")).containsExactly("a: wheel");
  }

  private static Set<String> found(String index) throws Exception {
    JsonNode results =
        SERVICE.post("/api/search", Map.of("index", index, "text", "mill")).path("results");
    return results
        .valueStream()
        .map(one -> {
          String text = one.path("text").asString();
          String name =
              TEXTS.entrySet().stream()
                  .filter(known -> known.getValue().equals(text))
                  .map(Map.Entry::getKey)
                  .findFirst()
                  .orElse(text);
          return one.path("document_id").asString() + ": " + name;
        })
        .collect(Collectors.toSet());
  }

  /** Writes records of documents that may take each other's place. */
  private static final class Revisions {
    private final String dataset;
    private final long[] numbers = new long[2];

    Revisions(String dataset) {
      this.dataset = dataset;
    }

    void send(int partition, long documentOffset, long preparedAt, String id, String text)
        throws Exception {
      PackedSequence record =
          PackedSequences.named(packed(dataset, numbers[partition]++, List.of(text)), List.of(id));
      ProducerRecord<byte[], byte[]> written =
          new ProducerRecord<>(
              SERVICE.bean(Topics.class).sequences(dataset, Topics.Split.TRAIN),
              partition,
              preparedAt,
              null,
              record.toByteArray());
      written.headers().add(DocumentHeader.NAME, DocumentHeader.value(documentOffset));
      try (Producer<byte[], byte[]> producer =
          SERVICE.bean(KafkaClients.class).producer("test-search")) {
        producer.send(written).get();
      }
    }
  }

  @Test
  void saysWhyAnIndexIsNotFilled() throws Exception {
    texts("damaged");
    create("stuck", "story", "damaged");
    send(SERVICE.bean(Topics.class).sequences("damaged", Topics.Split.TRAIN), new byte[] {1, 2});
    JsonNode stuck = InferenceFixture.await(() -> index("stuck"), index -> index.has("trouble"));
    assertThat(stuck.path("trouble").asString())
        .startsWith("a record of dataset 'damaged' is damaged: not a packed sequence");
    assertThat(stuck.path("items").asInt()).isZero();

    // A repair has found it.
    String topic = SERVICE.bean(Topics.class).sequences("damaged", Topics.Split.TRAIN);
    assertThat(stuck.path("trouble").asString())
        .contains(topic + "-", "/api/datasets/damaged/repair");
    ForeignRecords foreign = SERVICE.bean(ForeignRecords.class);
    foreign.note(
        "damaged",
        IntStream.range(0, SERVICE.bean(KafkaClients.class).partitions(topic))
            .mapToObj(partition -> new ForeignRecords.Place(topic, partition, 0))
            .toList());
    InferenceFixture.await(() -> index("stuck"), index -> !index.has("trouble"));
    assertThat(SERVICE.send("DELETE", "/api/indexes/stuck", "").statusCode()).isEqualTo(204);
  }

  @Test
  void findsPictures() throws Exception {
    create("looks", "crops", "search-pictures");
    awaitItems("looks", 2);
    String blue =
        Base64.getEncoder().encodeToString(PictureWriter.png(Picture.filled(40, 40, 10, 10, 240)));
    JsonNode answer =
        SERVICE.post(
            "/api/search",
            Map.of("index", "looks", "image", "data:image/png;base64," + blue, "limit", 1));
    assertThat(answer.at("/results/0/document_id").asString()).isEqualTo("blue.png");
    assertThat(answer.at("/results/0/text").asString()).isEmpty();
  }

  @Test
  void grpcFollowsTheRulesOfRest() throws Exception {
    var made =
        SERVICE
            .grpc()
            .createIndex(
                CreateIndexRequest.newBuilder()
                    .setName("remote")
                    .setModel("story")
                    .setDataset("searched")
                    .build());
    assertThat(made.getTrouble()).isEmpty();
    awaitItems("remote", 3);
    SearchResponse found =
        SERVICE
            .grpc()
            .search(
                SearchRequest.newBuilder()
                    .setIndex("remote")
                    .setText(TEXTS.get("wheel"))
                    .setLimit(2)
                    .build());
    assertThat(found.getItems()).isEqualTo(3);
    assertThat(found.getResultsCount()).isEqualTo(2);
    assertThat(found.getResults(0).getDocumentId()).isEqualTo("wheel");
    assertThat(SERVICE.grpc().listIndexes(ListIndexesRequest.getDefaultInstance()).getIndexesList())
        .anySatisfy(index -> {
          assertThat(index.getName()).isEqualTo("remote");
          assertThat(index.getItems()).isEqualTo(3);
        });
    DeleteIndexRequest gone = DeleteIndexRequest.newBuilder().setName("remote").build();
    assertThat(SERVICE.grpc().deleteIndex(gone)).isNotNull();
    assertThatThrownBy(() -> SERVICE.grpc().deleteIndex(gone))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("index 'remote' does not exist");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /api/indexes | {"model": "story", "dataset": "searched"} | 400 | name is missing
          /api/indexes | {"name": "../x", "model": "story", "dataset": "searched"} | 400 | name is not a name
          /api/indexes | {"name": "a", "model": "story", "dataset": "none"} | 404 | dataset 'none' does not exist
          /api/indexes | {"name": "a", "model": "none", "dataset": "searched"} | 404 | model 'none' does not exist
          /api/indexes | {"name": "a", "model": "shapes", "dataset": "searched"} | 400 | this needs one of language or representation of texts
          /api/indexes | {"name": "a", "model": "story", "dataset": "search-pictures"} | 400 | this needs one of representation of pictures
          /api/indexes | {"name": "a", "model": "story", "dataset": "search-rows"} | 409 | holds rows; an index is of texts or images
          /api/search | {"index": "nobody", "text": "a"} | 404 | index 'nobody' does not exist
          /api/search | {"text": "a"} | 400 | index is missing
          /api/search | {"index": "refusing"} | 400 | a search has either a text or an image
          /api/search | {"index": "refusing", "text": "a", "image": "AAAA"} | 400 | a search has either a text or an image
          /api/search | {"index": "refusing", "text": ""} | 400 | text is empty
          /api/search | {"index": "refusing", "text": "a", "limit": 0} | 400 | limit must be from 1 to 100
          /api/search | {"index": "refusing", "text": "a", "limit": 101} | 400 | limit must be from 1 to 100
          /api/search | {"index": "refusing", "text": "a", "where": 1} | 400 | unknown field
          """)
  void saysWhatIsWrong(String path, String body, int status, String reason) throws Exception {
    if (SERVICE.send("GET", "/api/indexes/refusing", "").statusCode() == 404) {
      create("refusing", "story", "searched");
    }
    var answer = SERVICE.send("POST", path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(reason);
    assertThat(
            SERVICE
                .send(
                    "POST",
                    "/api/indexes",
                    "{\"name\": \"refusing\", \"model\": \"story\", \"dataset\": \"searched\"}")
                .statusCode())
        .isEqualTo(409);
  }

  private static JsonNode create(String name, String model, String dataset) throws Exception {
    var answer =
        SERVICE.send(
            "POST",
            "/api/indexes",
            InferenceFixture.JSON.writeValueAsString(
                Map.of("name", name, "model", model, "dataset", dataset)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return InferenceFixture.JSON.readTree(answer.body());
  }

  private static JsonNode index(String name) throws Exception {
    return InferenceFixture.JSON.readTree(SERVICE.send("GET", "/api/indexes/" + name, "").body());
  }

  private static JsonNode awaitItems(String name, int items) throws Exception {
    return InferenceFixture.await(() -> index(name), index -> index.path("items").asInt() == items);
  }

  private static void texts(String dataset) throws Exception {
    byte[] json = TinyModels.TOKENIZER.toJson();
    String location = "tokenizers/" + Sha256.of(json) + "/tokenizer.json";
    SERVICE.bean(ObjectStore.class).put(location, json, ObjectStore.IfPresent.REPLACE);
    SERVICE
        .bean(Registry.class)
        .createDataset(
            new DatasetEntry(
                dataset,
                new Content.Text(
                    64,
                    new DatasetEntry.TokenizerEntry(
                        location, Sha256.of(json), TinyModels.TOKENIZER.vocabSize())),
                0,
                Instant.EPOCH));
    for (Topics.Split split : Topics.Split.values()) {
      SERVICE
          .bean(KafkaClients.class)
          .ensureTopic(TopicSpec.keeping(SERVICE.bean(Topics.class).sequences(dataset, split), 2));
    }
  }

  private static void pictures(String dataset) throws Exception {
    SERVICE
        .bean(Registry.class)
        .createDataset(
            new DatasetEntry(dataset, new Content.Pictures(32, 32, List.of()), 0, Instant.EPOCH));
    for (Topics.Split split : Topics.Split.values()) {
      SERVICE
          .bean(KafkaClients.class)
          .ensureTopic(TopicSpec.keeping(SERVICE.bean(Topics.class).samples(dataset, split), 1));
    }
    String topic = SERVICE.bean(Topics.class).samples(dataset, Topics.Split.TRAIN);
    Map<String, Picture> pictures = new HashMap<>();
    pictures.put("red.png", Picture.filled(40, 30, 240, 10, 10));
    pictures.put("blue.png", Picture.filled(30, 30, 10, 10, 240));
    long number = 0;
    for (Map.Entry<String, Picture> one : pictures.entrySet()) {
      Picture picture = one.getValue();
      send(
          topic,
          Samples.of(
                  dataset,
                  number++,
                  one.getKey(),
                  picture.width(),
                  picture.height(),
                  picture.rgb(),
                  1f,
                  List.of())
              .toByteArray());
    }
  }

  /** A pack of documents, each with its end. */
  private static void append(
      String dataset, Topics.Split split, int partition, long number, List<String> names)
      throws Exception {
    try (Producer<byte[], byte[]> producer =
        SERVICE.bean(KafkaClients.class).producer("test-search")) {
      producer
          .send(
              new ProducerRecord<>(
                  SERVICE.bean(Topics.class).sequences(dataset, split),
                  partition,
                  null,
                  PackedSequences.named(packed(dataset, number, names), names).toByteArray()))
          .get();
    }
  }

  private static PackedSequence packed(String dataset, long number, List<String> names) {
    int[] ids = new int[0];
    int[] starts = new int[names.size() + 1];
    for (int i = 0; i < names.size(); i++) {
      int[] text = TinyModels.TOKENIZER.encode(TEXTS.getOrDefault(names.get(i), ""));
      int from = ids.length;
      ids = java.util.Arrays.copyOf(ids, from + text.length + 1);
      System.arraycopy(text, 0, ids, from, text.length);
      ids[ids.length - 1] = TinyModels.TOKENIZER.endOfDocument();
      starts[i + 1] = ids.length;
    }
    return PackedSequences.of(dataset, number, ids, starts);
  }

  private static void send(String topic, byte[] value) throws Exception {
    try (Producer<byte[], byte[]> producer =
        SERVICE.bean(KafkaClients.class).producer("test-search")) {
      producer.send(new ProducerRecord<>(topic, 0, null, value)).get();
    }
  }
}
