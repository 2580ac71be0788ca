package io.millrace.data;

import static io.millrace.data.DataServiceClient.NDJSON;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topics;
import io.millrace.data.DataServiceClient.Answer;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.platform.registry.Lineage;
import io.millrace.platform.registry.LineageEntry;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.testing.TestServers;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Datasets of several partitions to which something happened. */
class DatasetFaultsTest {
  private static final Map<String, Object> PROPERTIES = TestServers.properties();
  private static DataServiceClient client;
  private static Topics topics;

  @BeforeAll
  static void start() {
    PROPERTIES.put("millrace.data.partitions", 3);
    client = new DataServiceClient(PROPERTIES);
    topics = client.service.getBean(Topics.class);
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  @Test
  void aHalfDeletedDatasetHidesNoOtherAndCanBeDeletedAgain() throws Exception {
    client.post("/api/datasets", "{\"name\":\"whole\"}");
    client.post("/api/datasets", "{\"name\":\"torn\"}");
    delete(topics.documents("torn"));

    JsonNode torn = client.await("torn", body -> body.has("failure"));
    assertThat(torn.path("preparation").asString()).isEqualTo("failing");
    assertThat(torn.path("failure").asString())
        .startsWith("topic " + topics.documents("torn") + " is gone, as after a deletion");
    Answer all = client.get("/api/datasets");
    assertThat(all.status()).isEqualTo(200);
    assertThat(all.body().path("datasets").valueStream().map(one -> one.path("name").asString()))
        .contains("torn", "whole");
    assertThat(client.post("/api/datasets/torn/tokenizer", "{\"train\":{\"vocab_size\":300}}"))
        .extracting(Answer::status)
        .isEqualTo(409);
    assertThat(client.delete("/api/datasets/torn").status()).isEqualTo(204);
    assertThat(client.get("/api/datasets/torn").status()).isEqualTo(404);
  }

  @Test
  void aDatasetThatARunNeedsIsDeletedByAdministratorsAlone() throws Exception {
    client.post("/api/datasets", "{\"name\":\"needed\"}");
    Lineage lineage = client.service.getBean(Lineage.class);
    SnapshotEntry snapshot =
        new SnapshotEntry("needed", 1, List.of(), List.of(), "0", Map.of(), Instant.EPOCH);
    client
        .service
        .getBean(TransactionTemplate.class)
        .executeWithoutResult(status -> lineage.use(LineageEntry.of("run-1", "writer", snapshot)));

    DataServiceClient.Answer refused = client.delete("/api/datasets/needed");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.detail())
        .isEqualTo(
            "dataset 'needed' is in use by run run-1 (model writer); cancel it first, or let an"
                + " administrator delete it with force");
    DataServiceClient.Answer forbidden = client.delete("/api/datasets/needed?force=true");
    assertThat(forbidden.status()).isEqualTo(403);
    assertThat(forbidden.detail())
        .isEqualTo("deleting a dataset by force needs an API key of the scope admin");
    assertThat(topicsOf("needed")).isNotEmpty();

    assertThat(client.deleteAsAdministrator("/api/datasets/needed?force=true").status())
        .isEqualTo(204);
    assertThat(client.get("/api/datasets/needed").status()).isEqualTo(404);
    assertThat(lineage.find("run-1").orElseThrow().datasetDeletedAt()).isNotNull();
  }

  @Test
  void topicsOfADatasetThatCannotBeRegisteredAreDeleted() throws Exception {
    JdbcClient jdbc = client.service.getBean(JdbcClient.class);
    jdbc.sql("alter table registry.dataset add constraint fate check (name <> 'doomed')").update();
    client
        .service
        .getBean(KafkaClients.class)
        .ensureTopic(TopicSpec.keeping(topics.documents("doomed"), 3));

    assertThat(client.post("/api/datasets", "{\"name\":\"doomed\"}").status()).isEqualTo(500);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    Set<String> before = Set.of(topics.documents("doomed"));
    while (!topicsOf("doomed").equals(before)) {
      assertThat(System.nanoTime()).as("%s are left", topicsOf("doomed")).isLessThan(deadline);
      Thread.sleep(50);
    }
  }

  @Test
  void countsAndSnapshotsDoNotNeedTheGroupsOffset() throws Exception {
    client.post("/api/datasets", "{\"name\":\"old\",\"heldout_percent\":0}");
    String lines =
        IntStream.range(0, 60)
            .mapToObj(i -> "{\"text\":\"The fox number %d.\"}".formatted(i))
            .collect(Collectors.joining("\n"));
    client.post("/api/datasets/old/documents", NDJSON, lines);
    client.post("/api/datasets/old/tokenizer", "{\"train\":{\"vocab_size\":300}}");
    JsonNode sealed = client.post("/api/datasets/old/snapshots", "{}").body();
    assertThat(sealed.path("train")).hasSize(3);
    assertThat(sealed.path("train").valueStream().map(range -> range.path("records").asLong()))
        .allSatisfy(records -> assertThat(records).isPositive());
    long sequences =
        sealed.path("train").valueStream().mapToLong(range -> range.path("records").asLong()).sum();
    assertThat(sealed.path("counts").path("sequences").asLong()).isEqualTo(sequences);
    assertThat(sealed.path("counts").path("prepared").asLong()).isEqualTo(60);
    JsonNode before = client.get("/api/datasets/old").body();

    admin()
        .deleteConsumerGroups(List.of(topics.prefix() + "prepare.old"))
        .all()
        .get(60, TimeUnit.SECONDS);

    assertThat(client.get("/api/datasets/old").body().path("counts"))
        .isEqualTo(before.path("counts"));
    JsonNode again = client.post("/api/datasets/old/snapshots", "{}").body();
    assertThat(again.path("version").asInt()).isEqualTo(1);
    assertThat(again.path("sha256")).isEqualTo(sealed.path("sha256"));
  }

  @Test
  void aReplicaNoticesThatItsDatasetIsAnotherNow() throws Exception {
    String dataset =
        "{\"name\":\"again\",\"kind\":\"images\",\"classes\":[\"%s\"],\"image_width\":64,\"image_height\":64,\"heldout_percent\":0}";
    String line =
        "{\"image\":\"%s\",\"boxes\":[{\"x\":1,\"y\":1,\"width\":9,\"height\":9,\"label\":\"%%s\"}]}"
            .formatted(Base64.getEncoder().encodeToString(DataServiceTest.png(64, 64)));
    client.post("/api/datasets", dataset.formatted("old"));
    client.post("/api/datasets/again/documents", NDJSON, line.formatted("old"));
    client.await("again", body -> body.path("counts").path("prepared").asInt() == 1);
    try (DataServiceClient other = new DataServiceClient(PROPERTIES)) {
      assertThat(other.delete("/api/datasets/again").status()).isEqualTo(204);
      assertThat(other.post("/api/datasets", dataset.formatted("new")).status()).isEqualTo(201);
      other.post("/api/datasets/again/documents", NDJSON, line.formatted("new"));
      JsonNode body =
          other.await(
              "again",
              seen ->
                  seen.path("counts").path("documents").asInt() == 1
                      && seen.path("counts").path("waiting").asInt() == 0);
      assertThat(body.path("counts").path("prepared").asInt()).isEqualTo(1);
    }
  }

  private static Set<String> topicsOf(String dataset) throws Exception {
    return admin().listTopics().names().get(60, TimeUnit.SECONDS).stream()
        .filter(topic -> topic.contains(dataset))
        .collect(Collectors.toSet());
  }

  private static void delete(String topic) throws Exception {
    admin().deleteTopics(List.of(topic)).all().get(60, TimeUnit.SECONDS);
  }

  private static Admin admin() {
    return client.service.getBean(KafkaClients.class).admin();
  }
}
