package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.checkpoint.Sha256;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.training.fixture.Crashes;
import io.millrace.training.fixture.CrashingApplication;
import io.millrace.training.fixture.TrainingFixture;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Runs that are paused, resumed, listed, deleted, and looked back at. */
class OwnedRunsTest {
  private static TrainingFixture service;

  @BeforeAll
  static void start() throws Exception {
    service = TrainingFixture.start(CrashingApplication.class, Map.of());
    service.textDataset("text");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  /** Whatever step it is paused at, it ends with the weights of one that never was. */
  @Test
  void resumesExactlyWhereItWasPaused() throws Exception {
    Map<String, Object> same = Map.of("steps", 400, "checkpoint_every", 0);
    service.awaitEnd(service.createRun("whole", "text", same));
    service.bean(Crashes.class).slowDown(Duration.ofMillis(100));
    String id = service.createRun("halved", "text", same);
    service.awaitStep(id, 3);

    assertThat(post(id, "pause").statusCode()).isEqualTo(200);
    JsonNode paused = service.awaitState(id, "paused");
    service.bean(Crashes.class).slowDown(Duration.ZERO);
    int step = paused.at("/progress/step").asInt();
    assertThat(step).isBetween(3, 399);
    assertThat(paused.at("/progress/checkpoints").asInt()).isEqualTo(1);
    assertThat(post(id, "pause").statusCode()).as("once more").isEqualTo(200);
    assertThat(service.send("DELETE", "/api/runs/" + id, "").body()).contains("cancel it first");
    assertThat(create("halved").body()).contains("has version 1 already");
    assertThat(post(id, "resume").statusCode()).isEqualTo(200);

    JsonNode ended = service.awaitEnd(id);
    assertThat(ended.get("state").asString()).as("%s", ended).isEqualTo("succeeded");
    assertThat(ended.get("attempts").asInt()).isEqualTo(2);
    assertThat(digest("halved")).isEqualTo(digest("whole"));
    assertThat(curve(id, "")).as("and the same curve").isEqualTo(curve(run("whole"), ""));
  }

  @Test
  void cancelsARunThatIsPausedAndResumesNoneThatHasEnded() throws Exception {
    String id =
        service.createRun("dropped", "text", Map.of("steps", 1_000_000, "checkpoint_every", 0));
    post(id, "pause");
    service.awaitState(id, "paused");

    assertThat(post(id, "cancel").statusCode()).isEqualTo(200);

    assertThat(service.get("/api/runs/" + id).get("state").asString()).isEqualTo("cancelled");
    HttpResponse<String> resumed = post(id, "resume");
    assertThat(resumed.statusCode()).isEqualTo(409);
    assertThat(resumed.body()).contains("has cancelled already");
    assertThat(post(id, "pause").statusCode()).isEqualTo(409);
    assertThat(post("00000000-0000-0000-0000-000000000000", "pause").statusCode()).isEqualTo(404);
  }

  @Test
  void tellsEveryStepInPagesOrFewerPoints() throws Exception {
    String id = service.createRun("curved", "text", Map.of("steps", 25, "checkpoint_every", 10));
    service.awaitEnd(id);

    List<Integer> steps = new ArrayList<>();
    int pages = 0;
    JsonNode page = service.get("/api/runs/" + id + "/curve?limit=10");
    while (true) {
      pages++;
      page.get("points").forEach(point -> steps.add(point.get("step").asInt()));
      if (page.get("next_after_step").isNull()) {
        break;
      }
      page =
          service.get(
              "/api/runs/%s/curve?limit=10&after_step=%d"
                  .formatted(id, page.get("next_after_step").asLong()));
    }
    assertThat(pages).isEqualTo(3);
    assertThat(steps)
        .containsExactlyElementsOf(java.util.stream.IntStream.rangeClosed(1, 25).boxed().toList());
    JsonNode few = service.get("/api/runs/" + id + "/curve?max_points=5");
    assertThat(few.get("total").asInt()).isEqualTo(25);
    assertThat(few.get("every").asInt()).isEqualTo(5);
    assertThat(few.get("points").valueStream().map(point -> point.get("step").asInt()))
        .containsExactly(1, 6, 11, 16, 21, 25);
    assertThat(few.get("evaluations").valueStream())
        .extracting(one -> one.get("step").asInt())
        .containsExactly(10, 20, 25);
    assertThat(few.at("/evaluations/0/metrics/heldout_loss").asDouble()).isPositive();
    JsonNode last = service.get("/api/runs/" + id + "/curve?after_step=24");
    assertThat(last.at("/points/0/loss").asDouble())
        .isEqualTo(service.get("/api/runs/" + id).at("/progress/loss").asDouble());
    assertThat(last.at("/points/0/learning_rate").asDouble()).isPositive();
  }

  @Test
  void tellsWhatHappened() throws Exception {
    String id = service.createRun("logged", "text", Map.of("steps", 8, "checkpoint_every", 4));
    service.awaitEnd(id);

    JsonNode log = service.get("/api/runs/" + id + "/log");
    assertThat(log.get("lines").valueStream().map(line -> line.get("text").asString()))
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("asked for: 8 steps from snapshot text/1"),
            line -> assertThat(line).startsWith("attempt 1 begins at "),
            line -> assertThat(line).isEqualTo("version 1 is published, of step 4"),
            line -> assertThat(line).isEqualTo("version 2 is published, of step 8"),
            line -> assertThat(line).isEqualTo("succeeded at step 8"));
    JsonNode second = service.get("/api/runs/" + id + "/log?after=1&limit=1");
    assertThat(second.get("lines").size()).isEqualTo(1);
    assertThat(second.get("next_after").asLong()).isEqualTo(2);
  }

  @Test
  void bringsRulesOfItsOwnAndSaysWhichFigureTheyMiss() throws Exception {
    Map<String, Object> policy =
        Map.of("kind", "if_better", "figure", "lost_heldouts", "direction", "lower");
    String id =
        service.createRun(
            "ruled",
            "text",
            Map.of(
                "steps",
                2,
                "checkpoint_every",
                1,
                "policy",
                policy,
                "retention",
                Map.of("last", 1)));
    JsonNode run = service.awaitEnd(id);

    assertThat(run.at("/request/policy/figure").asString()).isEqualTo("lost_heldouts");
    assertThat(run.at("/request/retention").toString()).isEqualTo("{\"last\":1}");
    ModelRegistry registry = service.bean(ModelRegistry.class);
    assertThat(registry.promotions().current("ruled")).isEmpty();
    assertThat(service.get("/api/runs/" + id + "/log").toString())
        .contains(
            "version 1 has no figure 'lost_heldouts', which the run's own rules ask for; it has ",
            "heldout_loss");
    assertThat(registry.runRules().find(id)).isPresent();
    assertThat(service.send("DELETE", "/api/runs/" + id, "").statusCode()).isEqualTo(204);
    assertThat(registry.runRules().find(id)).isEmpty();
  }

  @Test
  void keepsTheEndOfALongLog() throws Exception {
    String id = service.createRun("talkative", "text", Map.of("steps", 1, "checkpoint_every", 0));
    service.awaitEnd(id);
    RunLog log = service.bean(RunLog.class);
    new TransactionTemplate(service.bean(PlatformTransactionManager.class))
        .executeWithoutResult(unused -> {
          for (int i = 0; i < RunLog.KEPT; i++) {
            log.add(id, "line " + i);
          }
        });

    RunLog.Page page = log.page(id, 0, RunLog.KEPT);
    assertThat(page.lines()).hasSize(RunLog.KEPT);
    assertThat(page.dropped()).isEqualTo(page.lines().getFirst().number() - 1).isPositive();
    assertThat(page.lines().getLast().text()).isEqualTo("line 999");
  }

  @Test
  void deletesARunAndKeepsItsVersions() throws Exception {
    String id = service.createRun("gone", "text", Map.of("steps", 2, "checkpoint_every", 0));
    service.awaitEnd(id);

    assertThat(service.send("DELETE", "/api/runs/" + id, "").statusCode()).isEqualTo(204);

    for (String path : List.of("", "/curve", "/log", "/lineage")) {
      assertThat(service.send("GET", "/api/runs/" + id + path, "").statusCode())
          .as(path)
          .isEqualTo(404);
    }
    assertThat(service.send("DELETE", "/api/runs/" + id, "").statusCode()).isEqualTo(404);
    assertThat(ids("model=gone")).isEmpty();
    assertThat(service.bean(ModelRegistry.class).latestModel("gone")).isPresent();
    String next =
        service.createRun(
            "after",
            "text",
            Map.of("preset", "", "from", "gone@stable", "steps", 1, "checkpoint_every", 0));
    assertThat(service.awaitEnd(next).at("/request/batch_size").asInt())
        .as("of the preset of the deleted run")
        .isEqualTo(2);
  }

  @Test
  void listsInPagesAndByState() throws Exception {
    List<String> newestFirst = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      String id =
          service.createRun(
              "listed", "text", Map.of("replace", true, "steps", 1, "checkpoint_every", 0));
      service.awaitEnd(id);
      newestFirst.addFirst(id);
    }

    List<String> paged = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page =
          service.get(
              "/api/runs?model=listed&limit=2" + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
      page.get("runs").forEach(run -> paged.add(run.get("id").asString()));
      cursor = page.get("next_cursor").isNull() ? "" : page.get("next_cursor").asString();
    } while (!cursor.isEmpty());

    assertThat(paged).isEqualTo(newestFirst);
    assertThat(ids("model=listed&state=succeeded,failed")).isEqualTo(newestFirst);
    assertThat(ids("model=listed&state=queued")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/runs?state=sleeping | there is no state 'sleeping'; there are queued, running, paused",
        "/api/runs?limit=1001     | limit must be between 1 and 1000",
        "/api/runs?cursor=x       | cursor is not one that was answered",
      })
  void saysWhatIsNoFilter(String path, String message) throws Exception {
    HttpResponse<String> answer = service.send("GET", path, "");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(message);
  }

  private static List<String> ids(String query) throws Exception {
    return service
        .get("/api/runs?" + query)
        .get("runs")
        .valueStream()
        .map(run -> run.get("id").asString())
        .toList();
  }

  private static JsonNode curve(String id, String query) throws Exception {
    return service.get("/api/runs/" + id + "/curve" + query).get("points");
  }

  private static String run(String model) throws Exception {
    return ids("model=" + model).getFirst();
  }

  private static HttpResponse<String> post(String id, String what) throws Exception {
    return service.send("POST", "/api/runs/" + id + "/" + what, "");
  }

  private static HttpResponse<String> create(String model) throws Exception {
    return service.send(
        "POST",
        "/api/runs",
        """
        {"model": "%s", "task": "language", "dataset": "text", "preset": "tiny", "steps": 1}
        """
            .formatted(model));
  }

  private static String digest(String model) throws Exception {
    ModelVersion version = service.bean(ModelRegistry.class).latestModel(model).orElseThrow();
    return Sha256.of(service.file(version, "model.safetensors"));
  }
}
