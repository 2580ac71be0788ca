package io.millrace.training.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topics;
import io.millrace.contracts.data.v1.LabelledBox;
import io.millrace.contracts.record.Samples;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.registry.SnapshotEntry.Range;
import io.millrace.platform.store.ObjectStore;
import io.millrace.training.fixture.Crashes;
import io.millrace.training.fixture.CrashingApplication;
import io.millrace.training.fixture.TestDataset;
import io.millrace.training.fixture.TrainingFixture;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a trainer does when things go wrong, or when the service stops. */
class TrainerTest {
  private static TrainingFixture service;

  @BeforeAll
  static void start() throws Exception {
    service =
        TrainingFixture.start(
            CrashingApplication.class, Map.of("millrace.training.max-stalled-attempts", 3));
    service.textDataset("text");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void trainsADetector() throws Exception {
    service.imageDataset("pictures");
    JsonNode run =
        service.awaitEnd(
            service.createDetectionRun(
                "detector", "pictures", Map.of("steps", 60, "checkpoint_every", 0)));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    JsonNode progress = run.get("progress");
    assertThat(progress.get("loss").asDouble())
        .isLessThan(0.7 * progress.get("first_loss").asDouble());
    assertThat(progress.get("expert_load").size()).isZero();
    assertThat(progress.get("metrics").propertyNames())
        .contains("heldout_loss", "map", "map50", "parameters", "heat_loss");
    ModelVersion version = service.bean(ModelRegistry.class).latestModel("detector").orElseThrow();
    assertThat(version.task()).isEqualTo("detection");
    assertThat(
            new String(
                service.file(version, "config.json"), java.nio.charset.StandardCharsets.UTF_8))
        .contains("square", "wide");
  }

  /** And from three thousand boxes in one picture; nothing is there to be found in the held-out. */
  @Test
  void learnsFromPicturesWithoutObjectsAndAClassThatNeverOccurs() throws Exception {
    Registry registry = service.bean(Registry.class);
    registry.createDataset(
        new DatasetEntry(
            "odd",
            new Content.Pictures(
                TestDataset.PICTURE, TestDataset.PICTURE, List.of("square", "never")),
            1,
            Instant.EPOCH));
    Topics topics = service.bean(Topics.class);
    KafkaClients kafka = service.bean(KafkaClients.class);
    String train = topics.samples("odd", Topics.Split.TRAIN);
    String heldout = topics.samples("odd", Topics.Split.HELDOUT);
    kafka.ensureTopic(TopicSpec.keeping(train, 1));
    kafka.ensureTopic(TopicSpec.keeping(heldout, 1));
    TestDataset.seal(
        registry,
        service.bean(PlatformTransactionManager.class),
        "odd",
        List.of(
            TestDataset.write(kafka, train, 0, 6, number -> odd(number, number == 2 ? 3000 : 0))),
        List.of(TestDataset.write(kafka, heldout, 0, 2, number -> odd(number, 0))));

    JsonNode run =
        service.awaitEnd(
            service.createDetectionRun("odd", "odd", Map.of("steps", 6, "checkpoint_every", 3)));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    JsonNode metrics = run.get("progress").get("metrics");
    assertThat(metrics.get("heldout_loss").asDouble()).isPositive();
    assertThat(metrics.propertyNames()).doesNotContain("map", "map.never", "map.square");
  }

  private static byte[] odd(int number, int count) {
    List<LabelledBox> boxes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boxes.add(
          LabelledBox.newBuilder()
              .setX(i % 29)
              .setY(i / 29 % 29)
              .setWidth(1 + i % 3)
              .setHeight(0.5f + i % 2)
              .build());
    }
    int side = TestDataset.PICTURE;
    byte[] rgb = new byte[3 * side * side];
    Arrays.fill(rgb, (byte) (40 * number));
    return Samples.of("odd", number, "odd-" + number, side, side, rgb, 1f, boxes).toByteArray();
  }

  @Test
  void waitsForATrainerAgainWhenTheServiceStopsAndGoesOnAfterwards() throws Exception {
    service.bean(Crashes.class).slowDown(Duration.ofMillis(100));
    String id =
        service.createRun("interrupted", "text", Map.of("steps", 150, "checkpoint_every", 0));
    service.awaitStep(id, 5);

    // The next service's steps are as fast as ever.
    service.restart();
    ModelRegistry registry = service.bean(ModelRegistry.class);
    ModelVersion saved = registry.latestModel("interrupted").orElseThrow();
    JsonNode run = service.awaitEnd(id);

    assertThat(saved.step()).isBetween(5L, 149L);
    assertThat(run.get("state").asString()).isEqualTo("succeeded");
    assertThat(run.get("attempts").asInt()).isEqualTo(2);
    assertThat(registry.models("interrupted").stream().map(ModelVersion::step))
        .containsExactly(saved.step(), 150L);
    String uninterrupted =
        service.createRun("uninterrupted", "text", Map.of("steps", 150, "checkpoint_every", 0));
    service.awaitEnd(uninterrupted);
    assertThat(weights("interrupted")).isEqualTo(weights("uninterrupted"));
  }

  @Test
  void failsAtACorruptRecordAndKeepsTheLastCheckpoint() throws Exception {
    IntFunction<byte[]> good = TestDataset.sequences("damaged", 0);
    dataset(
        "damaged",
        10,
        number -> {
          byte[] record = good.apply(number);
          if (number == 9) {
            record[record.length / 2] ^= 4;
          }
          return record;
        });

    JsonNode run = service.awaitEnd(service.createRun("unlucky", "damaged", Map.of()));

    assertThat(run.get("state").asString()).isEqualTo("failed");
    assertThat(run.get("error").asString())
        .contains("sequences.damaged-0@", "is corrupt", "checksum");
    assertThat(service.bean(ModelRegistry.class).latestModel("unlucky").orElseThrow().step())
        .isEqualTo(4);
  }

  @Test
  void failsAtATokenOutsideOfTheVocabulary() throws Exception {
    dataset(
        "foreign",
        2,
        number ->
            io.millrace.contracts.record.PackedSequences.of(
                    "foreign", number, new int[] {1, 2, 1_000_000}, new int[] {0, 3})
                .toByteArray());

    JsonNode run = service.awaitEnd(service.createRun("foreign", "foreign", Map.of()));

    assertThat(run.get("error").asString()).contains("token 1000000 is not in the vocabulary of");
  }

  @Test
  void goesOnFromAnEarlierCheckpointIfTheLastIsDamaged() throws Exception {
    String id =
        service.createRun("bitten", "text", Map.of("steps", 100_000, "checkpoint_every", 10));
    service.awaitStep(id, 25);
    service.send("POST", "/api/runs/" + id + "/cancel", "");
    service.awaitEnd(id);
    ModelRegistry registry = service.bean(ModelRegistry.class);
    List<ModelVersion> versions = registry.models("bitten");
    Path weights = service.path(versions.getLast(), "model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    long steps = versions.getLast().step() + 10;
    service
        .bean(JdbcClient.class)
        .sql(
            """
            update run set state = 'QUEUED', cancel_requested = false, finished_at = null,
              steps = :steps where id = :id
            """)
        .param("steps", steps)
        .param("id", id)
        .update();

    JsonNode run = service.awaitEnd(id);

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    List<ModelVersion> after =
        registry.models("bitten").stream()
            .filter(version -> version.version() > versions.getLast().version())
            .toList();
    assertThat(after.getFirst().step())
        .as("the first checkpoint after the one before the damaged one")
        .isEqualTo(versions.get(versions.size() - 2).step() + 10);
    assertThat(after.getLast().step()).isEqualTo(steps);
  }

  /** Beginning at step 0 again without a word would be the end of what was learned. */
  @Test
  void failsIfAllCheckpointsAreDamaged() throws Exception {
    String id = service.createRun("ruined", "text", Map.of());
    service.awaitEnd(id);
    List<ModelVersion> versions = service.bean(ModelRegistry.class).models("ruined");
    for (ModelVersion version : versions) {
      Files.writeString(service.path(version, "config.json"), "{");
    }
    service
        .bean(JdbcClient.class)
        .sql(
            "update run set state = 'QUEUED', finished_at = null, steps = steps + 4 where id = :id")
        .param("id", id)
        .update();

    JsonNode run = service.awaitEnd(id);

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("failed");
    assertThat(run.get("error").asString())
        .contains("none of the run's 3 checkpoints", "config.json");
    assertThat(service.bean(ModelRegistry.class).models("ruined")).isEqualTo(versions);
  }

  @Test
  void cancelsARunWhoseTrainerDiedBeforeItCould() throws Exception {
    String id = service.createRun("orphan", "text", Map.of("steps", 1_000_000));
    service.awaitStep(id, 1);
    service
        .bean(JdbcClient.class)
        .sql(
            """
            update run set cancel_requested = true, stalled_attempts = 2,
              fencing_token = fencing_token + 1,
              lease_until = clock_timestamp() - interval '1 second'
            where id = :id
            """)
        .param("id", id)
        .update();

    JsonNode run = service.awaitEnd(id);

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("cancelled");
    assertThat(run.get("attempts").asInt()).isEqualTo(2);
  }

  @Test
  void tellsPeopleThatARunBeganFromTheStartAgain() throws Exception {
    String id =
        service.createRun("forgetful", "text", Map.of("steps", 1_000_000, "checkpoint_every", 0));
    HttpResponse<Stream<String>> events =
        HttpClient.newHttpClient()
            .send(
                service
                    .request("/api/runs/" + id + "/events")
                    .header("Accept", "text/plain")
                    .build(),
                HttpResponse.BodyHandlers.ofLines());
    try (Stream<String> lines = events.body()) {
      Iterator<String> told = lines.iterator();
      awaitLine(told, "running: step \\d{3,} of .*");
      // Whoever follows looks before the second attempt is as far as the first.
      service.bean(Crashes.class).slowDown(Duration.ofMillis(500));
      service
          .bean(JdbcClient.class)
          .sql(
              """
              update run set fencing_token = fencing_token + 1,
                lease_until = clock_timestamp() - interval '1 second'
              where id = :id
              """)
          .param("id", id)
          .update();

      assertThat(awaitLine(told, "resumed: .*"))
          .contains("attempt 2 is at step", "there was no checkpoint, so it began from the start");
      assertThat(told.next()).contains("running: attempt 2, step");
    }
    service.bean(Crashes.class).slowDown(Duration.ZERO);
    service.send("POST", "/api/runs/" + id + "/cancel", "");
    service.awaitEnd(id);
  }

  private static String awaitLine(Iterator<String> lines, String form) {
    String line = lines.next();
    while (!line.matches("\\S+ " + form)) {
      line = lines.next();
    }
    return line;
  }

  /** What no one foresaw must not end the threads that keep a run going. */
  @Test
  void goesOnAfterARowThatCannotBeRead() throws Exception {
    String first =
        service.createRun("watched", "text", Map.of("steps", 1_000_000, "checkpoint_every", 0));
    service.awaitStep(first, 1);
    String second = service.createRun("waiting", "text", Map.of());
    String progressOfFirst = damageProgress(first);
    String progressOfSecond = damageProgress(second);
    Thread.sleep(1000);

    setProgress(first, progressOfFirst);
    service.send("POST", "/api/runs/" + first + "/cancel", "");
    assertThat(service.awaitEnd(first).get("state").asString()).isEqualTo("cancelled");
    awaitTrainerHealth("DOWN");
    setProgress(second, progressOfSecond);

    assertThat(service.awaitEnd(second).get("state").asString()).isEqualTo("succeeded");
    awaitTrainerHealth("UP");
  }

  private static String damageProgress(String id) {
    String progress =
        service
            .bean(JdbcClient.class)
            .sql("select progress from run where id = :id")
            .param("id", id)
            .query(String.class)
            .single();
    setProgress(id, "[]");
    return progress;
  }

  private static void setProgress(String id, String progress) {
    service
        .bean(JdbcClient.class)
        .sql("update run set progress = cast(:progress as jsonb) where id = :id")
        .param("progress", progress)
        .param("id", id)
        .update();
  }

  private static void awaitTrainerHealth(String status) throws Exception {
    JsonMapper json = JsonMapper.builder().build();
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    String now;
    do {
      now =
          json.readTree(service.send("GET", "/actuator/health", "").body())
              .at("/components/trainer/status")
              .asString();
      Thread.sleep(50);
    } while (!now.equals(status) && System.nanoTime() < deadline);
    assertThat(now).isEqualTo(status);
  }

  @Test
  void givesUpARunThatKillsItsTrainers() throws Exception {
    String id = service.createRun("poison", "text", Map.of("steps", 1_000_000));
    service.awaitStep(id, 1);
    service
        .bean(JdbcClient.class)
        .sql(
            """
            update run set stalled_attempts = 2, fencing_token = fencing_token + 1,
              lease_until = clock_timestamp() - interval '1 second'
            where id = :id
            """)
        .param("id", id)
        .update();

    JsonNode run = service.awaitEnd(id);

    assertThat(run.get("state").asString()).isEqualTo("failed");
    assertThat(run.get("error").asString()).contains("gave up: 3 attempts in a row");
  }

  @Test
  void stopsAZombieBeforeItPublishes() throws Exception {
    String id =
        service.createRun("fought-over", "text", Map.of("steps", 1_000_000, "checkpoint_every", 0));
    service.awaitStep(id, 3);
    // Another trainer took the run over, and this one has not noticed yet.
    service
        .bean(JdbcClient.class)
        .sql(
            """
            update run set owner = 'other', fencing_token = fencing_token + 1,
              lease_until = clock_timestamp() + interval '1 hour'
            where id = :id
            """)
        .param("id", id)
        .update();
    long step = service.get("/api/runs/" + id).get("progress").get("step").asLong();
    service.awaitNoTrainer(id);

    JsonNode left = service.get("/api/runs/" + id);
    assertThat(left.get("progress").get("step").asLong()).isEqualTo(step);
    assertThat(left.get("attempts").asInt()).isEqualTo(1);
    assertThat(service.bean(ModelRegistry.class).latestModel("fought-over")).isEmpty();
    // And the other one died.
    service
        .bean(JdbcClient.class)
        .sql("update run set lease_until = clock_timestamp() where id = :id")
        .param("id", id)
        .update();
    while (service.get("/api/runs/" + id).get("attempts").asInt() < 2) {
      Thread.sleep(50);
    }
    service.awaitStep(id, step + 1);
    // A trainer that stops publishes what it learned; one whose run is cancelled does not.
    service.restart();
    service.send("POST", "/api/runs/" + id + "/cancel", "");
    service.awaitEnd(id);
    assertThat(
            service
                .bean(ModelRegistry.class)
                .latestModel("fought-over")
                .orElseThrow()
                .fencingToken())
        .isEqualTo(3);
  }

  @Test
  void sharesRunsWithAnotherTrainer() throws Exception {
    try (TrainingFixture other = service.another(Map.of())) {
      String first = service.createRun("one", "text", Map.of("steps", 1_000_000));
      String second = service.createRun("two", "text", Map.of("steps", 1_000_000));
      service.awaitStep(first, 1);
      service.awaitStep(second, 1);

      other.send("POST", "/api/runs/" + first + "/cancel", "");
      service.send("POST", "/api/runs/" + second + "/cancel", "");

      assertThat(service.awaitEnd(first).get("state").asString()).isEqualTo("cancelled");
      assertThat(other.awaitEnd(second).get("state").asString()).isEqualTo("cancelled");
    }
  }

  private static void dataset(String name, int records, IntFunction<byte[]> values)
      throws Exception {
    Registry registry = service.bean(Registry.class);
    KafkaClients kafka = service.bean(KafkaClients.class);
    TestDataset.text(registry, service.bean(ObjectStore.class), name);
    String topic = service.bean(Topics.class).sequences(name, Topics.Split.TRAIN);
    kafka.ensureTopic(TopicSpec.keeping(topic, 1));
    Range range = TestDataset.write(kafka, topic, 0, records, values);
    TestDataset.seal(
        registry, service.bean(PlatformTransactionManager.class), name, List.of(range), List.of());
  }

  private static byte[] weights(String model) throws Exception {
    return service.file(
        service.bean(ModelRegistry.class).latestModel(model).orElseThrow(), "model.safetensors");
  }
}
