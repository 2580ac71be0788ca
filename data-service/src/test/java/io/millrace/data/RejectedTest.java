package io.millrace.data;

import static io.millrace.data.DataServiceClient.NDJSON;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.Topics;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.ListRejectedRequest;
import io.millrace.contracts.data.v1.ListRejectedResponse;
import io.millrace.contracts.data.v1.ReplayRejectedRequest;
import io.millrace.data.DataServiceClient.Answer;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.security.InternalToken;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.testing.TestServers;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Why documents were rejected, and how they are prepared again. */
class RejectedTest {
  private static DataServiceClient client;

  @BeforeAll
  static void start() {
    client = new DataServiceClient(TestServers.properties());
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  @Test
  void tellsWhyAndSnapshotsWarn() throws Exception {
    dataset("told", "\"duplicate_ids\":\"reject\",\"rejected_warn_percent\":10");
    send("told", "plain", "no content type");
    client.post(
        "/api/datasets/told/documents",
        NDJSON,
        "{\"id\":\"a\",\"text\":\"a a a\"}\n{\"id\":\"a\",\"text\":\"b b b\"}");
    client.awaitRejected("told", 2);

    JsonNode first = client.get("/api/datasets/told/rejected?limit=1").body();
    assertThat(first.path("rejected")).hasSize(1);
    JsonNode plain = first.path("rejected").get(0);
    assertThat(plain.path("reason").asString()).startsWith("neither a CloudEvent");
    assertThat(plain.path("key").asString()).isEqualTo("plain");
    assertThat(plain.path("replayed").asBoolean()).isFalse();
    assertThat(plain.has("content")).isFalse();
    assertThat(Instant.parse(plain.path("rejected_at").asString())).isAfter(Instant.EPOCH);
    JsonNode second =
        client
            .get("/api/datasets/told/rejected?content=true&after=" + first.path("next").asString())
            .body();
    assertThat(second.has("next")).isFalse();
    assertThat(second.path("rejected")).hasSize(1);
    JsonNode repeated = second.path("rejected").get(0);
    assertThat(repeated.path("reason").asString())
        .isEqualTo(
            "its id 'a' is that of an earlier document (partition 0, offset %d)"
                .formatted(repeated.path("offset").asLong() - 1));
    assertThat(repeated.path("source").asString()).isEqualTo("/data-service");
    assertThat(repeated.path("content_type").asString()).isEqualTo("application/protobuf");
    assertThat(
            new String(
                Base64.getDecoder().decode(repeated.path("content").asString()),
                StandardCharsets.UTF_8))
        .contains("b b b");

    JsonNode snapshot = client.post("/api/datasets/told/snapshots", "{}").body();
    assertThat(snapshot.path("warnings").valueStream().map(JsonNode::asString))
        .containsExactly(
            "2 of 4 documents (50.0 %) were rejected, more than 10.0 %: GET /api/datasets/told/rejected says why");
    assertThat(Instant.parse(snapshot.path("created_at").asString())).isAfter(Instant.EPOCH);
    assertThat(Instant.parse(client.get("/api/datasets/told").body().path("created_at").asString()))
        .isAfter(Instant.EPOCH);
  }

  @Test
  void aReplayAppendsEachOnceWhateverIsForgotten() throws Exception {
    dataset("again", "\"rejected_warn_percent\":100");
    send("again", "plain", "a plain text");
    client.awaitRejected("again", 1);

    assertThat(replay("again")).isEqualTo(1);
    client.awaitRejected("again", 2);
    assertThat(
            client
                .get("/api/datasets/again/rejected")
                .body()
                .path("rejected")
                .valueStream()
                .map(one -> one.path("replayed").asBoolean()))
        .containsExactly(true, false);
    // The second one is replayed, the first is not again.
    assertThat(replay("again")).isEqualTo(1);
    client.awaitRejected("again", 3);

    Answer changed = change("again", "{\"plain_values\":\"text\",\"rejected_warn_percent\":5}");
    assertThat(changed.status()).as(changed.detail()).isEqualTo(200);
    assertThat(changed.body().path("plain_values").asString()).isEqualTo("text");
    assertThat(changed.body().path("rejected_warn_percent").asDouble()).isEqualTo(5);
    assertThat(replay("again")).isEqualTo(1);
    client.await("again", body -> body.path("counts").path("prepared").asInt() == 2);
    assertThat(replay("again")).isZero();

    // Either of the two memories is enough.
    client
        .service
        .getBean(KafkaClients.class)
        .admin()
        .deleteConsumerGroups(
            List.of(client.service.getBean(Topics.class).prefix() + "replay.prepare.again"))
        .all()
        .get(60, TimeUnit.SECONDS);
    assertThat(replay("again")).isZero();
    assertThat(client.get("/api/datasets/again").body().path("counts").path("rejected").asInt())
        .isEqualTo(3);
  }

  @Test
  void aDocumentReplacesTheEarlierOneInSnapshotsFromThenOn() throws Exception {
    dataset("replaced", "\"duplicate_ids\":\"replace\"");
    String documents = "/api/datasets/replaced/documents";
    client.post(
        documents, NDJSON, "{\"id\":\"x\",\"text\":\"a a\"}\n{\"id\":\"y\",\"text\":\"b\"}");
    JsonNode first = client.post("/api/datasets/replaced/snapshots", "{}").body();
    assertThat(first.path("counts").path("sequences").asInt()).isEqualTo(3);
    assertThat(first.path("train")).hasSize(1);
    client.post(documents, NDJSON, "{\"id\":\"x\",\"text\":\"a b\"}");
    JsonNode second = client.post("/api/datasets/replaced/snapshots", "{}").body();
    assertThat(second.path("version").asInt()).isEqualTo(2);
    assertThat(second.path("counts").path("sequences").asInt()).isEqualTo(3);
    assertThat(second.path("counts").path("replaced").asInt()).isEqualTo(1);
    assertThat(
            second
                .path("train")
                .valueStream()
                .mapToInt(range -> range.path("records").asInt())
                .boxed())
        .containsExactly(1, 2);
    // Sealed again it is the same, and the first one is still what it was.
    assertThat(client.post("/api/datasets/replaced/snapshots", "{}").body()).isEqualTo(second);
    assertThat(
            client
                .get("/api/datasets/replaced/snapshots")
                .body()
                .path("snapshots")
                .get(0)
                .path("train"))
        .isEqualTo(first.path("train"));
  }

  @Test
  void whatIsAskedForIsChecked() {
    assertThat(client.get("/api/datasets/nowhere/rejected").status()).isEqualTo(404);
    assertThat(client.post("/api/datasets/nowhere/rejected/replay", "").status()).isEqualTo(404);
    client.post("/api/datasets", "{\"name\":\"checked\"}");
    assertThat(client.get("/api/datasets/checked/rejected?limit=0").detail())
        .isEqualTo("limit must be from 1 to 1000");
    assertThat(client.get("/api/datasets/checked/rejected?after=x").detail())
        .isEqualTo("after must be the 'next' of an earlier answer, not 'x'");
    assertThat(client.get("/api/datasets/checked/rejected?all=true").status()).isEqualTo(400);
    assertThat(change("checked", "{}").detail()).startsWith("nothing to change: ");
    assertThat(change("checked", "{\"duplicate_ids\":\"reject\"}").detail())
        .startsWith("unknown field 'duplicate_ids'");
    assertThat(change("checked", "{\"plain_values\":\"xml\"}").status()).isEqualTo(400);
    assertThat(change("nowhere", "{\"plain_values\":\"json\"}").status()).isEqualTo(404);
    assertThat(client.get("/api/datasets/checked/rejected").body().path("rejected")).isEmpty();
  }

  @Test
  void theSameOverGrpc() throws Exception {
    dataset("grpc", "\"rejected_warn_percent\":100");
    send("grpc", "plain", "a plain text");
    client.awaitRejected("grpc", 1);
    Metadata metadata = new Metadata();
    metadata.put(
        Metadata.Key.of(
            InternalToken.HEADER.toLowerCase(Locale.ROOT), Metadata.ASCII_STRING_MARSHALLER),
        client.service.getBean(InternalToken.class).issue("key:test"));
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", ServiceLauncher.grpcPort(client.service))
            .usePlaintext()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .build();
    try {
      DataServiceGrpc.DataServiceBlockingStub stub = DataServiceGrpc.newBlockingStub(channel);
      ListRejectedResponse listed =
          stub.listRejected(
              ListRejectedRequest.newBuilder().setDataset("grpc").setContent(true).build());
      assertThat(listed.getRejectedList())
          .singleElement()
          .satisfies(one -> assertThat(one.getReason()).startsWith("neither a CloudEvent"))
          .satisfies(one -> assertThat(one.getContent().toStringUtf8()).isEqualTo("a plain text"));
      assertThat(listed.getNext()).isEmpty();
      assertThat(
              stub.replayRejected(ReplayRejectedRequest.newBuilder().setDataset("grpc").build())
                  .getReplayed())
          .isEqualTo(1);
    } finally {
      channel.shutdownNow();
    }
  }

  /** A dataset whose tokenizer is there, so that it is prepared. */
  private static void dataset(String name, String settings) throws Exception {
    Answer created =
        client.post(
            "/api/datasets",
            "{\"name\":\"%s\",\"heldout_percent\":0,%s}".formatted(name, settings));
    assertThat(created.status()).as(created.detail()).isEqualTo(201);
    client.post("/api/datasets/" + name + "/documents", NDJSON, "{\"text\":\"a a a a b b b\"}");
    client.post("/api/datasets/" + name + "/tokenizer", "{\"train\":{\"vocab_size\":300}}");
    client.await(name, body -> body.path("counts").path("prepared").asInt() == 1);
  }

  private static Answer change(String dataset, String change) {
    return client.send(
        "PATCH", "/api/datasets/" + dataset, "application/json", BodyPublishers.ofString(change));
  }

  private static long replay(String dataset) {
    Answer answer = client.post("/api/datasets/" + dataset + "/rejected/replay", "");
    assertThat(answer.status()).as(answer.detail()).isEqualTo(200);
    assertThat(answer.body().path("gone").asLong()).isZero();
    return answer.body().path("replayed").asLong();
  }

  private static void send(String dataset, String key, String value) {
    Topics topics = client.service.getBean(Topics.class);
    try (Producer<byte[], byte[]> producer =
        client.service.getBean(KafkaClients.class).producer("foreign")) {
      producer.send(
          new ProducerRecord<>(
              topics.documents(dataset),
              key.getBytes(StandardCharsets.UTF_8),
              value.getBytes(StandardCharsets.UTF_8)));
    }
  }
}
