package io.millrace.data;

import static io.millrace.data.DataServiceClient.NDJSON;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topics;
import io.millrace.contracts.Topics.Split;
import io.millrace.data.DataServiceClient.Answer;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.log.ProgressLog;
import io.millrace.data.log.RangeReader;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.testing.TestServers;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Somebody else writes among the records of a preparation. */
class RepairTest {
  private static DataServiceClient client;
  private static Topics topics;

  @BeforeAll
  static void start() {
    Map<String, Object> properties = TestServers.properties();
    properties.put("millrace.data.partitions", 1);
    client = new DataServiceClient(properties);
    topics = client.service.getBean(Topics.class);
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  @Test
  void leavesOutWhatThePreparationDidNotWriteAndNothingElse() throws Exception {
    JsonNode first = prepared("torn");
    // Rejected now, a document once plain values are texts: its window becomes others then.
    write(topics.documents("torn"), "a plain text".getBytes(UTF_8), null);
    JsonNode sealed = client.post("/api/datasets/torn/snapshots", "{}").body();
    String sequences = topics.sequences("torn", Split.TRAIN);
    long end = sealed.path("train").path(0).path("end").asLong();
    List<Long> foreign = new ArrayList<>();
    foreign.add(write(sequences, "rogue".getBytes(UTF_8), null));
    foreign.add(write(sequences, null, null));
    // The copy of a record, and one that tells of a window far ahead.
    ConsumerRecord<byte[], byte[]> genuine = records("torn").getFirst();
    foreign.add(write(sequences, genuine.value(), null));
    String ahead = PartitionProgress.NONE.at(1).encode();
    foreign.add(write(sequences, genuine.value(), ahead));
    assertThat(foreign.getFirst()).isGreaterThanOrEqualTo(end);

    // The workers begin anew, find where they were, and go on behind what is foreign.
    assertThat(
            client
                .send(
                    "PATCH",
                    "/api/datasets/torn",
                    "application/json",
                    HttpRequest.BodyPublishers.ofString("{\"plain_values\":\"text\"}"))
                .status())
        .isEqualTo(200);
    upload("torn", 60, 90);
    Answer refused = client.post("/api/datasets/torn/snapshots", "{}");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.detail())
        .contains(
            sequences + "-0@" + foreign.getFirst(),
            "not a packed sequence",
            "POST /api/datasets/torn/repair");
    assertThat(client.get("/api/datasets/torn").body().path("preparation").asString())
        .isEqualTo("running");

    JsonNode repaired = client.post("/api/datasets/torn/repair", "").body();
    assertThat(repaired.path("left_out").asInt()).as(repaired.toString()).isEqualTo(4);
    assertThat(repaired.path("foreign").valueStream().map(one -> one.path("offset").asLong()))
        .containsExactlyElementsOf(foreign);
    assertThat(repaired.path("foreign").path(0).path("topic").asString()).isEqualTo(sequences);
    assertThat(client.post("/api/datasets/torn/repair", "").body()).isEqualTo(repaired);

    JsonNode whole = client.post("/api/datasets/torn/snapshots", "{}").body();
    assertThat(whole.path("counts").path("prepared").asInt()).isEqualTo(90);
    assertThat(whole.path("counts").path("sequences").asLong())
        .isEqualTo(repaired.path("records").asLong());
    assertThat(whole.path("train"))
        .as("sealed offsets, then those behind the foreign records")
        .hasSize(2)
        .element(0)
        .satisfies(range -> assertThat(range.path("end").asLong()).isEqualTo(foreign.getFirst()));
    JsonNode snapshots = client.get("/api/datasets/torn/snapshots").body().path("snapshots");
    assertThat(snapshots.path(0).path("sha256")).isEqualTo(first.path("sha256"));
  }

  @Test
  void saysWhatNothingCanPutBack() throws Exception {
    assertThat(client.post("/api/datasets/nowhere/repair", "").status()).isEqualTo(404);
    client.post("/api/datasets", "{\"name\":\"unready\"}");
    assertThat(client.post("/api/datasets/unready/repair", "").detail())
        .contains("has no tokenizer yet");

    prepared("cut");
    TopicPartition place = new TopicPartition(topics.sequences("cut", Split.TRAIN), 0);
    client
        .service
        .getBean(KafkaClients.class)
        .admin()
        .deleteRecords(Map.of(place, RecordsToDelete.beforeOffset(1)))
        .all()
        .get(30, TimeUnit.SECONDS);
    Answer gone = client.post("/api/datasets/cut/repair", "");
    assertThat(gone.status()).isEqualTo(409);
    assertThat(gone.detail())
        .contains("records of " + topics.documents("cut") + "-0 from offset 0 on are gone");
  }

  /** A dataset with sixty documents; its first snapshot. */
  private static JsonNode prepared(String name) {
    client.post(
        "/api/datasets",
        "{\"name\":\"%s\",\"heldout_percent\":0,\"pack_length\":64,\"rejected_warn_percent\":100}"
            .formatted(name));
    upload(name, 0, 60);
    client.post("/api/datasets/" + name + "/tokenizer", "{\"train\":{\"vocab_size\":300}}");
    return client.post("/api/datasets/" + name + "/snapshots", "{}").body();
  }

  private static void upload(String name, int from, int to) {
    String lines =
        IntStream.range(from, to)
            .mapToObj(i -> "{\"text\":\"The fox number %d asks the crow.\"}".formatted(i))
            .collect(Collectors.joining("\n"));
    client.post("/api/datasets/" + name + "/documents", NDJSON, lines);
  }

  private static List<ConsumerRecord<byte[], byte[]>> records(String name) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    TopicPartition place = new TopicPartition(topics.sequences(name, Split.TRAIN), 0);
    try (RangeReader reader =
        new RangeReader(client.service.getBean(KafkaClients.class), "test-repair")) {
      reader.read(place, 0, reader.end(place), records::add);
    }
    return records;
  }

  /** Writes a record as a stranger; its offset. */
  private static long write(String topic, byte @Nullable [] value, @Nullable String progress)
      throws Exception {
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, null, value);
    if (progress != null) {
      record.headers().add(ProgressLog.HEADER, progress.getBytes(UTF_8));
    }
    try (Producer<byte[], byte[]> producer =
        client.service.getBean(KafkaClients.class).producer("test-stranger")) {
      return producer.send(record).get().offset();
    }
  }
}
