package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.millrace.contracts.Topics;
import io.millrace.platform.registry.Lineage;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.Registry;
import io.millrace.testing.TestServers;
import io.millrace.training.fixture.TrainingFixture;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Runs, and datasets that somebody wants to delete under them: what the data service does. */
class DatasetInUseTest {
  private static TrainingFixture service;
  private static Lineage lineage;

  @BeforeAll
  static void start() throws Exception {
    service = TrainingFixture.start();
    lineage = service.bean(Lineage.class);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void keepsADatasetUntilItsRunsAreFinished() throws Exception {
    service.textDataset("used");
    String first = endless("first", "used");
    service.awaitStep(first, 1);
    String second = endless("second", "used");

    assertThatThrownBy(() -> beginDeletion("used", false))
        .hasMessageContaining("is in use by run")
        .hasMessageContaining(first)
        .hasMessageContaining(second);
    for (String run : List.of(second, first)) {
      service.send("POST", "/api/runs/" + run + "/cancel", "");
      service.awaitEnd(run);
    }
    beginDeletion("used", false);

    HttpResponse<String> late =
        service.send(
            "POST",
            "/api/runs",
            "{\"model\":\"late\",\"task\":\"language\",\"dataset\":\"used\",\"preset\":\"tiny\",\"steps\":1}");
    assertThat(late.statusCode()).isEqualTo(409);
    assertThat(late.body()).contains("dataset 'used' is being deleted");
  }

  @Test
  void failsWithAReasonAndFewWordsWhenItsDatasetIsDeletedByForce() throws Exception {
    service.textDataset("doomed");
    String running = endless("running", "doomed");
    service.awaitStep(running, 5);
    String queued = endless("queued", "doomed");
    Lines lines = Lines.listen();

    beginDeletion("doomed", true);
    deleteTopics("doomed");
    JsonNode failed = service.awaitEnd(running);
    JsonNode never = service.awaitEnd(queued);
    lines.stop();

    for (JsonNode run : List.of(failed, never)) {
      assertThat(run.get("state").asString()).as("%s", run).isEqualTo("failed");
      assertThat(run.get("error").asString())
          .isEqualTo("dataset 'doomed' was deleted under the run; its last checkpoint stays");
    }
    assertThat(service.bean(ModelRegistry.class).latestModel("running")).isEmpty();
    assertThat(lines.seen).hasSizeLessThan(60);
  }

  @Test
  void keepsTheLineageOfAModelWhoseDatasetIsGone() throws Exception {
    service.textDataset("short-lived");
    String id = service.createRun("lasting", "short-lived", Map.of());
    service.awaitEnd(id);
    beginDeletion("short-lived", false);
    new TransactionTemplate(service.bean(PlatformTransactionManager.class))
        .executeWithoutResult(status -> service.bean(Registry.class).deleteDataset("short-lived"));

    JsonNode learned = service.get("/api/runs/" + id + "/lineage");

    assertThat(learned.get("model").asString()).isEqualTo("lasting");
    assertThat(learned.get("dataset").asString()).isEqualTo("short-lived");
    assertThat(learned.get("snapshot").asInt()).isEqualTo(1);
    assertThat(learned.get("snapshot_sha256").asString()).hasSize(64);
    assertThat(learned.get("dataset_deleted_at").asString()).startsWith("20");
    assertThat(service.get("/api/runs/" + id).get("state").asString()).isEqualTo("succeeded");
  }

  private static void beginDeletion(String dataset, boolean force) {
    new TransactionTemplate(service.bean(PlatformTransactionManager.class))
        .executeWithoutResult(status -> lineage.beginDeletion(dataset, force));
  }

  private static void deleteTopics(String dataset) throws Exception {
    Topics topics = service.bean(Topics.class);
    try (Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                TestServers.kafka().bootstrapServers()))) {
      admin
          .deleteTopics(
              List.of(
                  topics.sequences(dataset, Topics.Split.TRAIN),
                  topics.sequences(dataset, Topics.Split.HELDOUT)))
          .all()
          .get();
    }
  }

  private static String endless(String model, String dataset) throws Exception {
    return service.createRun(model, dataset, Map.of("steps", 1_000_000, "checkpoint_every", 0));
  }

  /** All lines that anything in this process logs. */
  private static final class Lines extends AppenderBase<ILoggingEvent> {
    private final List<String> seen = new CopyOnWriteArrayList<>();

    static Lines listen() {
      Lines lines = new Lines();
      lines.start();
      root().addAppender(lines);
      return lines;
    }

    private static Logger root() {
      return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    @Override
    protected void append(ILoggingEvent event) {
      seen.add(event.getFormattedMessage());
    }

    @Override
    public void stop() {
      root().detachAppender(this);
      super.stop();
    }
  }
}
