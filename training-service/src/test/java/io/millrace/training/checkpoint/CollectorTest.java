package io.millrace.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.EventReader;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.ObjectStore.IfPresent;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import io.millrace.testing.Waiting;
import io.millrace.training.fault.FaultPoint;
import io.millrace.training.fixture.Crashes;
import io.millrace.training.fixture.CrashingApplication;
import io.millrace.training.fixture.TrainingFixture;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** What is left on the disk of runs that publish more than is kept. */
class CollectorTest {
  private static TrainingFixture service;
  private static ModelRegistry registry;
  private static ObjectStore store;
  private static final List<String> DELETED = new CopyOnWriteArrayList<>();
  private static EventReader reader;

  @BeforeAll
  static void start() throws Exception {
    service =
        TrainingFixture.start(
            CrashingApplication.class, Map.of("millrace.training.concurrent-runs", 2));
    service.textDataset("text");
    registry = service.bean(ModelRegistry.class);
    store = service.bean(ObjectStore.class);
    reader =
        EventReader.start(
            service.bean(KafkaClients.class),
            service.bean(EventCodec.class),
            "deleted",
            service.bean(Topics.class).checkpoints(),
            EventReader.Start.BEGINNING,
            event -> {
              if (event.type().equals(EventTypes.CHECKPOINT_DELETED)) {
                DELETED.add(event.key());
              }
            });
  }

  @AfterAll
  static void stop() {
    reader.close();
    service.close();
  }

  @Test
  void keepsADiskBoundedWhateverIsPublished() throws Exception {
    JsonNode run =
        service.awaitEnd(
            service.createRun("hundred", "text", Map.of("steps", 100, "checkpoint_every", 1)));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.get("progress").get("checkpoints").asInt()).isEqualTo(100);
    service.bean(CheckpointCollector.class).collect();
    List<ModelVersion> kept = registry.models("hundred");
    assertThat(kept).extracting(ModelVersion::version).containsExactly(96, 97, 98, 99, 100);
    assertThat(stored("models/hundred")).isEqualTo(locations(kept));
    long bytes = kept.stream().mapToLong(ModelVersion::bytes).sum();
    assertThat(store.list("models/hundred").stream().mapToLong(ObjectInfo::size).sum())
        .isEqualTo(bytes);
    assertThat(kept)
        .extracting(ModelVersion::bytes)
        .allSatisfy(size -> assertThat(size).isPositive());
    awaitDeleted("hundred/95");
    awaitDeleted("hundred/1");
    assertThat(DELETED).doesNotContain("hundred/96");
  }

  @ParameterizedTest
  @EnumSource(
      value = FaultPoint.class,
      names = {"EXPIRED", "UNCOLLECTED"})
  void doesTheRestAfterACrashBetweenAnyTwoSteps(FaultPoint point) throws Exception {
    String model = "crashed-" + point.name().toLowerCase(java.util.Locale.ROOT);
    service.awaitEnd(service.createRun(model, "text", Map.of("steps", 5, "checkpoint_every", 1)));
    CheckpointCollector collector = service.bean(CheckpointCollector.class);
    Crashes crashes = service.bean(Crashes.class);
    // In one step: the service's own thread collects too, and comes to no point in between.
    synchronized (crashes) {
      delete(model, 1);
      crashes.plan(point, 1);
    }

    // The service's own thread may be the one that dies of it, and goes on.
    runUntilItDies(collector);
    collector.collect();

    assertThat(crashes.isDone()).isTrue();
    assertThat(stored("models/" + model)).isEqualTo(locations(registry.models(model)));
    assertThat(registry.models(model)).hasSize(4);
    assertThat(registry.deletions().uncollected()).isEmpty();
    awaitDeleted(model + "/1");
    assertThat(DELETED).containsOnlyOnce(model + "/1");
  }

  @Test
  void deletesWhatIsNoVersionUnlessItMayBecomeOne() throws Exception {
    String ended = service.createRun("ended", "text", Map.of());
    service.awaitEnd(ended);
    String left = "models/ended/%s/6-0".formatted(ended);
    String recent = "models/imported/import-1/0-1";
    store.put(left + "/model.safetensors", new byte[10], IfPresent.FAIL);
    store.put(recent + "/model.safetensors", new byte[10], IfPresent.FAIL);

    Set<String> deleted = service.bean(OrphanCollector.class).collect();

    assertThat(deleted).contains(left).doesNotContain(recent);
    assertThat(stored("models/ended")).isEqualTo(locations(registry.models("ended")));
    assertThat(store.list(recent)).hasSize(1);
    store.delete(recent + "/model.safetensors");
  }

  @Test
  void leavesWhatARunIsPublishing() throws Exception {
    String id =
        service.createRun("going", "text", Map.of("steps", 1_000_000, "checkpoint_every", 0));
    long token = awaitToken(id);
    String now = "models/going/%s/1-%d".formatted(id, token);
    String before = "models/going/%s/1-%d".formatted(id, token - 1);
    store.put(now + "/model.safetensors", new byte[10], IfPresent.FAIL);
    store.put(before + "/model.safetensors", new byte[10], IfPresent.FAIL);

    Set<String> deleted = service.bean(OrphanCollector.class).collect();

    assertThat(deleted).contains(before).doesNotContain(now);
    assertThat(store.list(now)).hasSize(1);
    service.send("POST", "/api/runs/" + id + "/cancel", "");
    service.awaitEnd(id);
    assertThat(stored("models/going")).isEmpty();
  }

  @Test
  void keepsWhatARunBeginsFromUntilItHasEnded() throws Exception {
    service.awaitEnd(service.createRun("base", "text", Map.of("steps", 7, "checkpoint_every", 1)));
    service.bean(CheckpointCollector.class).collect();
    int version = registry.models("base").getFirst().version();
    String id =
        service.createRun(
            "from-base",
            "text",
            Map.of(
                "preset",
                "",
                "from",
                "base@" + version,
                "steps",
                1_000_000,
                "checkpoint_every",
                0));
    service.awaitEnd(
        service.createRun(
            "base", "text", Map.of("replace", true, "steps", 8, "checkpoint_every", 1)));
    service.bean(CheckpointCollector.class).collect();

    assertThat(registry.model("base", version)).as("a run needs it").isPresent();
    assertThatThrownBy(() -> delete("base", version)).hasMessageContaining("begins from it");
    service.send("POST", "/api/runs/" + id + "/cancel", "");
    service.awaitEnd(id);
    service.bean(CheckpointCollector.class).collect();
    assertThat(registry.model("base", version)).isEmpty();
    assertThat(
            service
                .send(
                    "POST",
                    "/api/runs",
                    """
                    {"model": "late", "task": "language", "dataset": "text", "steps": 1, "from": "base@%d"}
                    """
                        .formatted(version))
                .body())
        .contains(
            "version %d of model 'base' was deleted by its model's retention".formatted(version));
  }

  private static void runUntilItDies(CheckpointCollector collector) throws IOException {
    while (!service.bean(Crashes.class).isDone()) {
      try {
        collector.collect();
      } catch (Crashes.Crash e) {
        return;
      }
    }
  }

  private static long awaitToken(String run) throws Exception {
    service.awaitStep(run, 1);
    return service
        .bean(JdbcClient.class)
        .sql("select fencing_token from run where id = :id")
        .param("id", run)
        .query(Long.class)
        .single();
  }

  private static void delete(String model, int version) {
    new TransactionTemplate(service.bean(PlatformTransactionManager.class))
        .executeWithoutResult(unused -> registry.deletions().delete(model, version, Instant.now()));
  }

  private static void awaitDeleted(String key) {
    Waiting.await().until(() -> DELETED.contains(key));
  }

  private static Set<String> locations(List<ModelVersion> versions) {
    Set<String> locations = new TreeSet<>();
    versions.forEach(version -> locations.add(version.location()));
    return locations;
  }

  private static Set<String> stored(String prefix) throws IOException {
    Set<String> locations = new TreeSet<>();
    for (ObjectInfo object : store.list(prefix)) {
      locations.add(object.key().substring(0, object.key().lastIndexOf('/')));
    }
    return locations;
  }
}
