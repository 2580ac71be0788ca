package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.CheckpointPublished;
import io.millrace.contracts.events.v1.RunChanged;
import io.millrace.contracts.training.v1.CancelRunRequest;
import io.millrace.contracts.training.v1.CreateRunRequest;
import io.millrace.contracts.training.v1.Evaluation;
import io.millrace.contracts.training.v1.EvaluationPicture;
import io.millrace.contracts.training.v1.GetEvaluationRequest;
import io.millrace.contracts.training.v1.GetRunRequest;
import io.millrace.contracts.training.v1.ListRunsRequest;
import io.millrace.contracts.training.v1.TrainingServiceGrpc;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.EventReader;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.testing.Waiting;
import io.millrace.training.fixture.TestDataset;
import io.millrace.training.fixture.TrainingFixture;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The REST and gRPC edge of runs, and the events about them, while the trainer works. */
@SuppressWarnings("deprecation") // gRPC clients send options as they did before.
class RunApiTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static TrainingFixture service;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() throws Exception {
    service = TrainingFixture.start();
    service.textDataset("text");
    Registry registry = service.bean(Registry.class);
    registry.createDataset(
        new DatasetEntry("no-tokenizer", new Content.Text(32, null), 1, Instant.EPOCH));
    registry.createDataset(
        new DatasetEntry(
            "pictures", new Content.Pictures(64, 64, List.of("cell")), 1, Instant.EPOCH));
    Content.Text text = (Content.Text) registry.requireDataset("text").content();
    registry.createDataset(
        new DatasetEntry("long", new Content.Text(1 << 20, text.tokenizer()), 1, Instant.EPOCH));
    ObjectStore objects = service.bean(ObjectStore.class);
    TestDataset.text(registry, objects, "unsealed");
    TestDataset.text(registry, objects, "empty");
    TestDataset.seal(
        registry, service.bean(PlatformTransactionManager.class), "empty", List.of(), List.of());
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", service.grpcPort()).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    service.close();
  }

  @Test
  void trainsAndTellsHowFarItIs() throws Exception {
    String id =
        service.createRun(
            "whole",
            "text",
            Map.of("steps", 40, "checkpoint_every", 20, "checkpoint_at_start", true));

    JsonNode run = service.awaitEnd(id);

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.get("error").isNull()).isTrue();
    assertThat(run.get("attempts").asInt()).isEqualTo(1);
    assertThat(run.get("request").get("snapshot").asInt()).isEqualTo(1);
    assertThat(run.get("request").get("batch_size").asInt()).isEqualTo(2);
    assertThat(Instant.parse(run.get("finished_at").asString()))
        .isAfterOrEqualTo(Instant.parse(run.get("created_at").asString()));
    assertThat(run.get("waiting").isNull()).isTrue();
    JsonNode progress = run.get("progress");
    assertThat(progress.get("step").asInt()).isEqualTo(40);
    assertThat(progress.get("checkpoints").asInt()).isEqualTo(3);
    assertThat(progress.get("latest_version").asInt()).isEqualTo(3);
    assertThat(progress.get("average_rate").asDouble()).isPositive();
    assertThat(progress.get("data_wait_share").asDouble()).isBetween(0.0, 1.0);
    assertThat(progress.get("seconds_left").asDouble()).isZero();
    assertThat(progress.get("expert_load").size()).isEqualTo(4);
    assertThat(progress.get("expert_load").valueStream().mapToDouble(JsonNode::asDouble).sum())
        .isCloseTo(1, org.assertj.core.data.Offset.offset(1e-6));
    assertThat(progress.at("/series/expert_load")).isEqualTo(progress.get("expert_load"));
    double first = progress.get("first_loss").asDouble();
    assertThat(progress.get("loss").asDouble()).isLessThan(first - 0.5);
    JsonNode metrics = progress.get("metrics");
    assertThat(metrics.get("heldout_loss").asDouble()).isLessThan(first - 0.5);
    assertThat(metrics.get("unigram_entropy").asDouble()).isBetween(2.0, Math.log(20));
    // 5 sequences of 32 tokens in 2 documents each, whose first tokens are not predicted.
    assertThat(metrics.get("heldout_tokens").asLong()).isEqualTo(5 * 30);
    // Of an MTP module that knows the likeliest of 20 tokens at least.
    assertThat(metrics.get("draft_acceptance").asDouble()).isBetween(0.05, 1.0);
    assertThat(metrics.get("parameters").asLong())
        .isGreaterThan(metrics.get("parameters_active").asLong());
  }

  @Test
  void publishesWhatServingNeeds() throws Exception {
    service.awaitEnd(service.createRun("served", "text", Map.of("checkpoint_every", 0)));

    ModelVersion version = service.bean(ModelRegistry.class).latestModel("served").orElseThrow();

    assertThat(version.version()).isEqualTo(1);
    assertThat(version.task()).isEqualTo("language");
    assertThat(version.metrics()).containsKeys("heldout_loss", "parameters");
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      assertThat(service.file(version, file)).isNotEmpty();
    }
    assertThat(JSON.readTree(service.file(version, "config.json")).get("vocab_size").asInt())
        .isEqualTo(Tokenizer.read(service.file(version, "tokenizer.json")).vocabSize());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "model     | `null`            | 400 | model     | field 'model' is missing",
        "model     | `\"Bad.Name\"`    | 400 | model     | model is not a name",
        "task      | `\"speech\"`      | 400 | task      | there is no task 'speech'; there are classification, detection, language, representation",
        "task      | `\"detection\"`   | 400 | preset    | task detection has no preset 'tiny'",
        "preset    | `\"giant\"`       | 400 | preset    | task language has no preset 'giant'; there are nano, micro, small, tiny",
        "preset    | `\"v2-lite\"`     | 400 | preset    | preset v2-lite can be planned (./millrace plan v2-lite), not run: its gates",
        "preset    | `\"v3\"`          | 400 | preset    | its 671 billion parameters fit no single device",
        "dataset   | `\"nowhere\"`     | 404 |           | dataset 'nowhere' does not exist",
        "dataset   | `\"no-tokenizer\"`| 409 |           | has no tokenizer",
        "dataset   | `\"pictures\"`    | 409 |           | holds images",
        "dataset   | `\"unsealed\"`    | 409 |           | has no snapshot; seal one first",
        "dataset   | `\"empty\"`       | 409 |           | snapshot 'empty/1' has nothing to learn from",
        "dataset   | `\"long\"`        | 409 |           | dataset 'long' has documents of up to 1048576 tokens, preset tiny reads",
        "snapshot  | 9                 | 404 |           | snapshot 'text/9' does not exist",
        "snapshot  | -1                | 400 | snapshot  | snapshot must be between 0",
        "steps     | 0                 | 400 | steps     | steps must be between 1 and 100000000",
        "steps     | 100000001         | 400 | steps     | steps must be between 1 and 100000000",
        "steps     | null              | 400 | steps     | field 'steps' is missing",
        "steps     | 1.5               | 400 | steps     | whole number",
        "steps     | `\"12\"`          | 400 | steps     | field 'steps' is a string, not a whole number",
        "steps     | true              | 400 | steps     | whole number",
        "batch_size| `\"\"`            | 400 | batch_size| whole number",
        "model     | 12                | 400 | model     | a string",
        "checkpoint_at_start | 1       | 400 | checkpoint_at_start | true or false",
        "batch_size| 4097              | 400 | batch_size| batch_size must be between 0 and 4096",
        "batch_size| -1                | 400 | batch_size| batch_size must be between 0 and 4096",
        "learning_rate | 1.1           | 400 | learning_rate | learning_rate must be between 0 and 1",
        "learning_rate | -0.1          | 400 | learning_rate | learning_rate must be between 0 and 1",
        "checkpoint_every | 13         | 400 | checkpoint_every | checkpoint_every must be between 0 and 12",
        "seed      | -1                | 400 | seed      | seed must be between 0",
        "accumulation | -1             | 400 | accumulation | accumulation must be between 0 and 1024",
        "accumulation | 1025           | 400 | accumulation | accumulation must be between 0 and 1024",
        "recompute_every | -1          | 400 | recompute_every | recompute_every must be between 0 and 1024",
        "recompute_every | 1025        | 400 | recompute_every | recompute_every must be between 0 and 1024",
        "ema_decay | 1                 | 400 | ema_decay | ema_decay must be at least 0, for no average, and below 1; it is 1.0",
        "ema_decay | -0.1              | 400 | ema_decay | ema_decay must be at least 0",
        "mtp_weight | -0.1             | 400 | mtp_weight | mtp_weight must be between 0 and 10; it is -0.1",
        "mtp_weight | 11               | 400 | mtp_weight | mtp_weight must be between 0 and 10; it is 11.0",
        "documents | `\"joined\"`      | 400 | documents | documents must be isolated or crossing; it is 'joined'",
        "precision | `\"fp16\"`        | 400 | precision | precision must be one of f32, bf16, fp8, tf32; it is 'fp16'",
        "sneed     | 1                 | 400 | sneed     | unknown field 'sneed'; task language has the options accumulation, documents",
        "accumulation | 1.5            | 400 | accumulation | whole number",
        "accumulation | `\"2\"`         | 400 | accumulation | whole number",
        "documents | 1                 | 400 | documents | a string",
        "schedule  | `\"linear\"`      | 400 | schedule  | schedule must be one of constant, cosine, warmup-stable-decay, deepseek-v3; it is 'linear'",
        "from      | `\"nobody\"`      | 404 |           | model 'nobody' does not exist",
        "from      | `\"nobody@2\"`    | 404 |           | model version 'nobody@2' does not exist",
        "from      | `\"nobody@0\"`    | 400 | from      | is no version",
        "replace   | 1                 | 400 | replace   | true or false",
        "policy    | `\"manual\"`      | 400 | policy    | policy",
        "policy    | `{\"kind\": \"never\"}` | 400 | policy.kind | policy.kind must be 'automatic', 'manual' or 'if_better'",
        "policy    | `{\"kind\": \"if_better\"}` | 400 | policy.figure | policy.figure is missing, e.g. heldout_loss",
        "policy    | `{\"kind\": \"if_better\", \"figure\": \"x\"}` | 400 | policy.direction | must be 'lower' or 'higher'",
        "policy    | `{\"kind\": \"manual\", \"figure\": \"x\"}` | 400 | policy.figure | are for a policy of kind 'if_better'",
        "policy    | `{\"sort\": \"manual\"}` | 400 | policy.sort | sort",
        "retention | `{}`              | 400 | retention.last | retention.last is missing",
        "retention | `{\"last\": 0}`   | 400 | retention.last | retention.last must be between 1 and 1000000, it is 0",
        "retention | `{\"last\": 1, \"best\": 2}` | 400 | retention.figure | retention.figure is missing",
        "retention | `{\"last\": 1, \"figure\": \"x\"}` | 400 | retention.figure | go with retention.best",
      })
  void saysWhatIsWrongWithARequest(
      String field, String value, int status, String parameter, String message) throws Exception {
    Map<String, Object> body =
        new java.util.LinkedHashMap<>(
            Map.of(
                "model",
                "m",
                "task",
                "language",
                "dataset",
                "text",
                "preset",
                "tiny",
                "steps",
                12));
    body.put(field.strip(), JSON.readTree(value));

    HttpResponse<String> answer = service.send("POST", "/api/runs", JSON.writeValueAsString(body));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("detail").asString()).contains(message);
    if (parameter != null) {
      assertThat(problem.get("parameter").asString()).isEqualTo(parameter);
    }
    assertThat(service.get("/api/runs?model=m").get("runs").size()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"recompute_every,1", "mtp_weight,0.1", "documents,\"crossing\""})
  void refusesSettingsOfLanguageRunsForADetector(String field, String value) throws Exception {
    HttpResponse<String> answer =
        service.send(
            "POST",
            "/api/runs",
            """
            {"model":"m","task":"detection","dataset":"pictures","preset":"speck","steps":1,"%s":%s}\
            """
                .formatted(field, value));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("parameter").asString()).isEqualTo(field);
    assertThat(problem.get("detail").asString()).contains("task detection has no " + field);
  }

  /** A step of 3 batches of 2 sequences is one of 6; what else is asked for reaches the trainer. */
  @Test
  void learnsAsAsked() throws Exception {
    JsonNode parts =
        service.awaitEnd(
            service.createRun(
                "parts", "text", Map.of("accumulation", 3, "recompute_every", 1, "steps", 8)));
    JsonNode whole =
        service.awaitEnd(service.createRun("in-one", "text", Map.of("batch_size", 6, "steps", 8)));
    JsonNode averaged =
        service.awaitEnd(
            service.createRun("averaged", "text", Map.of("ema_decay", 0.9, "steps", 8)));
    JsonNode crossing =
        service.awaitEnd(
            service.createRun("crossing", "text", Map.of("documents", "crossing", "steps", 8)));

    JsonNode alone =
        service.awaitEnd(
            service.createRun(
                "alone", "text", Map.of("mtp_weight", 0, "documents", "crossing", "steps", 8)));
    assertThat(alone.get("request").get("mtp_weight").asDouble()).isZero();
    assertThat(figure(alone, "heldout_loss")).isNotEqualTo(figure(crossing, "heldout_loss"));

    JsonNode rounded =
        service.awaitEnd(
            service.createRun("rounded", "text", Map.of("precision", "fp8", "steps", 8)));

    JsonNode request = parts.get("request");
    assertThat(request.get("precision").asString()).isEqualTo("f32");
    assertThat(request.get("accumulation").asInt()).isEqualTo(3);
    assertThat(request.get("batch_size").asInt()).isEqualTo(2);
    assertThat(request.get("recompute_every").asInt()).isEqualTo(1);
    assertThat(request.get("ema_decay").asDouble()).isZero();
    assertThat(request.get("documents").asString()).isEqualTo("isolated");
    assertThat(figure(parts, "heldout_loss"))
        .isCloseTo(figure(whole, "heldout_loss"), org.assertj.core.data.Offset.offset(1e-4));
    assertThat(figure(crossing, "heldout_loss")).isNotEqualTo(figure(averaged, "heldout_loss"));
    ModelVersion version = service.bean(ModelRegistry.class).latestModel("averaged").orElseThrow();
    assertThat(service.file(version, "raw.safetensors"))
        .isNotEqualTo(service.file(version, "model.safetensors"));
    assertThat(averaged.get("request").get("ema_decay").asDouble()).isEqualTo(0.9);
    assertThat(crossing.get("request").get("documents").asString()).isEqualTo("crossing");
    assertThat(rounded.get("request").get("precision").asString()).isEqualTo("fp8");
    ModelRegistry models = service.bean(ModelRegistry.class);
    assertThat(fileOf(models, "rounded", "optimizer.safetensors"))
        .hasSizeLessThan(fileOf(models, "crossing", "optimizer.safetensors").length * 2 / 3);
  }

  private static byte[] fileOf(ModelRegistry models, String model, String name) throws Exception {
    return service.file(models.latestModel(model).orElseThrow(), name);
  }

  @Test
  void refusesAPrecisionThatAPresetCannotBeTrainedIn() throws Exception {
    HttpResponse<String> answer =
        service.send(
            "POST",
            "/api/runs",
            """
            {"model":"m","task":"language","dataset":"text","preset":"tiny-biased","steps":1,"precision":"fp8"}\
            """);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("parameter").asString()).isEqualTo("precision");
    assertThat(problem.get("detail").asString())
        .contains("preset tiny-biased: this model cannot be trained in fp8, because of mlp_bias");
  }

  private static double figure(JsonNode run, String name) {
    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    return run.get("progress").get("metrics").get(name).asDouble();
  }

  @Test
  void refusesAModelNameOfAnotherTask() throws Exception {
    ModelRegistry registry = service.bean(ModelRegistry.class);
    new org.springframework.transaction.support.TransactionTemplate(
            service.bean(PlatformTransactionManager.class))
        .executeWithoutResult(status ->
            registry.publish(
                new ModelVersion(
                    "shapes",
                    1,
                    "detection",
                    "r",
                    1,
                    1,
                    "models/shapes/r/1-1",
                    "0",
                    Map.of(),
                    Instant.EPOCH)));

    HttpResponse<String> answer =
        service.send(
            "POST",
            "/api/runs",
            "{\"model\":\"shapes\",\"task\":\"language\",\"dataset\":\"text\",\"preset\":\"tiny\",\"steps\":1}");

    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body()).contains("model 'shapes' is of another task than language");
  }

  @Test
  void cancelsARunAfterAStepAndPublishesNothingMore() throws Exception {
    String id =
        service.createRun(
            "endless",
            "text",
            Map.of("steps", 1_000_000, "checkpoint_at_start", true, "checkpoint_every", 0));
    service.awaitStep(id, 3);

    assertThat(service.send("POST", "/api/runs/" + id + "/cancel", "").statusCode()).isEqualTo(200);
    JsonNode run = service.awaitEnd(id);

    assertThat(run.get("state").asString()).isEqualTo("cancelled");
    assertThat(run.get("progress").get("step").asLong()).isGreaterThanOrEqualTo(3);
    assertThat(service.bean(ModelRegistry.class).models("endless"))
        .extracting(ModelVersion::step)
        .containsExactly(0L);
    assertThat(service.send("POST", "/api/runs/" + id + "/cancel", "").statusCode()).isEqualTo(200);
  }

  @Test
  void cancelsARunThatWaitsAtOnce() throws Exception {
    String first = service.createRun("long", "text", Map.of("steps", 1_000_000));
    service.awaitStep(first, 1);
    String second = service.createRun("waiting", "text", Map.of());
    String third = service.createRun("waiting-longer", "text", Map.of());
    JsonNode waiting = service.get("/api/runs/" + third).get("waiting");
    assertThat(waiting.get("place").asInt()).isEqualTo(2);
    assertThat(waiting.get("reason").asString())
        .isEqualTo("all trainers are busy, with 1 run; 1 run is taken up before it");
    assertThat(
            stub().getRun(GetRunRequest.newBuilder().setId(third).build()).getWaiting().getPlace())
        .isEqualTo(2);
    service.send("POST", "/api/runs/" + third + "/cancel", "");

    HttpResponse<String> answer = service.send("POST", "/api/runs/" + second + "/cancel", "");

    assertThat(JSON.readTree(answer.body()).get("state").asString()).isEqualTo("cancelled");
    service.send("POST", "/api/runs/" + first + "/cancel", "");
    service.awaitEnd(first);
  }

  @Test
  void refusesToCancelWhatIsFinished() throws Exception {
    String id = service.createRun("done", "text", Map.of("steps", 1, "checkpoint_every", 0));
    service.awaitEnd(id);

    HttpResponse<String> answer = service.send("POST", "/api/runs/" + id + "/cancel", "");

    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body()).contains("has succeeded already");
  }

  @Test
  void knowsNoOtherRuns() throws Exception {
    for (String path : List.of("/api/runs/none", "/api/runs/none/events")) {
      HttpResponse<String> answer = service.send("GET", path, "");
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(answer.body()).contains("run 'none' does not exist");
    }
    assertThat(service.send("POST", "/api/runs/none/cancel", "").statusCode()).isEqualTo(404);
    assertThat(service.send("GET", "/api/runs?modle=x", "").statusCode()).isEqualTo(400);
  }

  @Test
  void describesTheOptionsOfTasksAsClientsSendThem() throws Exception {
    JsonNode schemas = service.get("/v3/api-docs").at("/components/schemas");

    for (String name : List.of("CreateRunBody", "RunRequest")) {
      JsonNode properties = schemas.get(name).get("properties");
      assertThat(properties.propertyNames())
          .contains("model", "learning_rate", "schedule", "from", "accumulation", "precision")
          .doesNotContain("options");
      assertThat(properties.at("/accumulation/type").asString()).isEqualTo("integer");
      assertThat(properties.at("/ema_decay/description").asString()).contains("task language");
    }
    assertThat(schemas.at("/ProgressView/properties").propertyNames())
        .contains("step", "series", "expert_load")
        .doesNotContain("rows", "progress");
  }

  @Test
  void streamsProgressUntilTheEnd() throws Exception {
    String id = service.createRun("streamed", "text", Map.of("steps", 60));

    HttpResponse<java.util.stream.Stream<String>> answer =
        java.net.http.HttpClient.newHttpClient()
            .send(
                service.request("/api/runs/" + id + "/events").build(),
                HttpResponse.BodyHandlers.ofLines());
    List<String> lines = answer.body().toList();

    assertThat(answer.headers().firstValue("content-type").orElseThrow())
        .startsWith("text/event-stream");
    assertThat(lines).contains("event:run");
    List<JsonNode> runs =
        lines.stream()
            .filter(line -> line.startsWith("data:"))
            .map(line -> JSON.readTree(line.substring(5)))
            .toList();
    assertThat(runs.getLast().get("state").asString()).isEqualTo("succeeded");
    assertThat(runs.stream().map(run -> run.get("progress").get("step").asLong())).isSorted();
  }

  @Test
  void tellsPeopleALineAChange() throws Exception {
    String id = service.createRun("read", "text", Map.of("steps", 60));

    List<String> lines = linesOf(id);

    assertThat(lines)
        .allMatch(line ->
            line.matches(
                "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ (queued|running|succeeded).*"));
    assertThat(lines.getLast())
        .contains("succeeded: step 60 of 60 (100 %), loss", "version 15 published");
  }

  @Test
  void warnsOfWhatTheSnapshotWarnsOf() throws Exception {
    SnapshotEntry clean = service.textDataset("noisy");
    String warning = "3 of 7 documents were rejected";
    new TransactionTemplate(service.bean(PlatformTransactionManager.class))
        .executeWithoutResult(status ->
            service
                .bean(Registry.class)
                .snapshots()
                .add(
                    new SnapshotEntry(
                        "noisy",
                        2,
                        clean.train(),
                        clean.heldout(),
                        clean.sha256(),
                        clean.counts(),
                        List.of(warning),
                        clean.createdAt())));
    String id = service.createRun("warned", "noisy", Map.of());
    String calm = service.createRun("not-warned", "noisy", Map.of("snapshot", 1));

    assertThat(service.get("/api/runs/" + id).get("warnings").values())
        .extracting(JsonNode::asString)
        .containsExactly(warning);
    assertThat(service.get("/api/runs/" + calm).get("warnings").size()).isZero();
    assertThat(stub().getRun(GetRunRequest.newBuilder().setId(id).build()).getWarningsList())
        .containsExactly(warning);
    assertThat(linesOf(id).getFirst()).endsWith("Z warning: " + warning);
    service.awaitEnd(calm);
  }

  @Test
  void saysWhatARunLearnedFromOverRestAndGrpc() throws Exception {
    String id = service.createRun("traced", "text", Map.of());
    service.awaitEnd(id);

    JsonNode lineage = service.get("/api/runs/" + id + "/lineage");

    assertThat(lineage.get("snapshot_sha256").asString())
        .isEqualTo(
            stub().getLineage(GetRunRequest.newBuilder().setId(id).build()).getSnapshotSha256());
    assertThat(lineage.get("dataset").asString()).isEqualTo("text");
    assertThat(lineage.get("from").isNull()).isTrue();
    assertThat(service.send("GET", "/api/runs/none/lineage", "").statusCode()).isEqualTo(404);
  }

  @Test
  void storesTheEvaluationOfEachCheckpointAndServesIt() throws Exception {
    service.imageDataset("judged");
    String id =
        service.createDetectionRun(
            "judged",
            "judged",
            Map.of("steps", 4, "checkpoint_every", 2, "checkpoint_at_start", true));
    JsonNode run = service.awaitEnd(id);
    String path = "/api/runs/" + id + "/evaluation";

    JsonNode latest = service.get(path);

    assertThat(latest.get("run").asString()).isEqualTo(id);
    assertThat(latest.get("version").asInt()).isEqualTo(3);
    assertThat(latest.get("step").asLong()).isEqualTo(4);
    JsonNode metrics = run.get("progress").get("metrics");
    JsonNode coco = latest.get("evaluation").get("coco");
    for (String figure : coco.propertyNames()) {
      assertThat(metrics.path(figure).asDouble(-1)).isEqualTo(coco.get(figure).asDouble());
    }
    assertThat(coco.get("map50").asDouble()).isNotNegative();
    for (JsonNode one : latest.get("evaluation").get("classes")) {
      String figure = "map." + one.get("name").asString();
      double map = one.get("coco").get("map").asDouble();
      assertThat(metrics.path(figure).asDouble(-1)).isEqualTo(map);
    }
    assertThat(latest.get("evaluation").get("pictures").asLong())
        .isEqualTo(metrics.get("heldout_images").asLong());
    assertThat(service.get(path + "?version=1").get("step").asLong()).isZero();

    List<String> pictures = latest.get("pictures").valueStream().map(JsonNode::asString).toList();
    assertThat(pictures)
        .containsExactly("confidence.svg", "confusion.svg", "errors.svg", "precision-recall.svg");
    HttpResponse<String> picture = service.send("GET", path + "/errors.svg", "");
    assertThat(picture.statusCode()).isEqualTo(200);
    assertThat(picture.headers().firstValue("content-type")).hasValue("image/svg+xml");
    assertThat(picture.headers().firstValue("content-security-policy"))
        .hasValue("default-src 'none'; sandbox");
    assertThat(picture.body()).startsWith("<svg ").contains("What a repair would gain");

    Evaluation message =
        stub().getEvaluation(GetEvaluationRequest.newBuilder().setId(id).setVersion(3).build());
    assertThat(JsonMapper.shared().readTree(message.getJson().toByteArray()))
        .isEqualTo(latest.get("evaluation"));
    assertThat(message.getStep()).isEqualTo(4);
    assertThat(message.getPicturesList())
        .extracting(EvaluationPicture::getName)
        .containsExactlyElementsOf(pictures);
    assertThat(message.getPictures(2).getSvg().toStringUtf8()).isEqualTo(picture.body());
  }

  @Test
  void refusesEvaluationsThatThereAreNot() throws Exception {
    String id = service.createRun("not-judged", "text", Map.of());
    service.awaitEnd(id);
    String path = "/api/runs/" + id + "/evaluation";
    assertThat(service.send("GET", path, ""))
        .returns(404, HttpResponse::statusCode)
        .satisfies(answer ->
            assertThat(answer.body()).contains("classification and detection runs have one"));
    assertThat(service.send("GET", path + "?version=9", "").body())
        .contains("no evaluation of version 9");
    assertThat(service.send("GET", path + "/errors.svg", "").statusCode()).isEqualTo(404);
    for (String name : List.of("Errors.svg", "..", "errors.svg.json", "model.safetensors")) {
      assertThat(service.send("GET", path + "/" + name, "").statusCode()).isBetween(400, 404);
    }
    assertThat(service.send("GET", path + "/model.safetensors", "").body())
        .contains("'model.safetensors' cannot be a picture");
    assertThat(service.send("GET", "/api/runs/none/evaluation", "").statusCode()).isEqualTo(404);
  }

  @Test
  void saysOverGrpcThatARunIsToBeCancelled() throws Exception {
    String id = service.createRun("to-stop", "text", Map.of("steps", 1_000_000));
    service.awaitStep(id, 1);

    assertThat(
            stub().cancelRun(CancelRunRequest.newBuilder().setId(id).build()).getCancelRequested())
        .isTrue();
    service.awaitEnd(id);
  }

  @Test
  void saysTheSameOverGrpc() {
    TrainingServiceGrpc.TrainingServiceBlockingStub stub = stub();
    io.millrace.contracts.training.v1.Run created =
        stub.createRun(
            CreateRunRequest.newBuilder()
                .setModel("by-grpc")
                .setTask("language")
                .setDataset("text")
                .setPreset("tiny")
                .setSteps(12)
                .setAccumulation(2)
                .setRecomputeEvery(2)
                .setEmaDecay(0.5)
                .setDocuments("crossing")
                .setPrecision("bf16")
                .build());
    assertThat(created.getRequest())
        .extracting(
            CreateRunRequest::getAccumulation,
            CreateRunRequest::getRecomputeEvery,
            CreateRunRequest::getEmaDecay,
            CreateRunRequest::getDocuments,
            CreateRunRequest::getPrecision)
        .containsExactly(2, 2, 0.5, "crossing", "bf16");
    assertThat(created.getState())
        .isEqualTo(io.millrace.contracts.training.v1.RunState.RUN_STATE_QUEUED);
    assertThat(created.getRequest().getBatchSize()).isEqualTo(2);

    Iterator<io.millrace.contracts.training.v1.Run> watched =
        stub.watchRun(GetRunRequest.newBuilder().setId(created.getId()).build());
    List<io.millrace.contracts.training.v1.Run> runs = new ArrayList<>();
    watched.forEachRemaining(runs::add);

    assertThat(runs.getLast().getState())
        .isEqualTo(io.millrace.contracts.training.v1.RunState.RUN_STATE_SUCCEEDED);
    assertThat(runs.getLast().getProgress().getMetricsMap()).containsKey("heldout_loss");
    assertThat(
            stub.listRuns(ListRunsRequest.newBuilder().setModel("by-grpc").build()).getRunsList())
        .containsExactly(runs.getLast());
    assertThat(stub.getRun(GetRunRequest.newBuilder().setId(created.getId()).build()))
        .isEqualTo(runs.getLast());
  }

  @Test
  void refusesOverGrpc() {
    StatusRuntimeException unknown =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> stub().watchRun(GetRunRequest.newBuilder().setId("none").build()).next());
    StatusRuntimeException invalid =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> stub().createRun(CreateRunRequest.newBuilder().setModel("m").build()));

    assertThat(unknown.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(invalid.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(invalid.getStatus().getDescription()).contains("field 'dataset' is missing");
  }

  @Test
  void tellsThePlatformByEvents() throws Exception {
    List<RunChanged> changes = new CopyOnWriteArrayList<>();
    List<CheckpointPublished> published = new CopyOnWriteArrayList<>();
    KafkaClients kafka = service.bean(KafkaClients.class);
    EventCodec codec = service.bean(EventCodec.class);
    Topics topics = service.bean(Topics.class);
    String id;
    try (EventReader runs =
            EventReader.start(
                kafka,
                codec,
                "runs",
                topics.runs(),
                EventReader.Start.END,
                event -> changes.add(event.payload(RunChanged.parser())));
        EventReader unused =
            EventReader.start(
                kafka,
                codec,
                "checkpoints",
                topics.checkpoints(),
                EventReader.Start.END,
                event -> published.add(event.payload(CheckpointPublished.parser())))) {
      id = service.createRun("told", "text", Map.of());
      service.awaitEnd(id);
      Waiting.await()
          .until(
              () -> publishedBy(id, published).size() == 3 && isFinished(changesOf(id, changes)));
    }

    assertThat(changesOf(id, changes).stream().map(change -> change.getRun().getState()).distinct())
        .containsExactly(
            io.millrace.contracts.training.v1.RunState.RUN_STATE_QUEUED,
            io.millrace.contracts.training.v1.RunState.RUN_STATE_RUNNING,
            io.millrace.contracts.training.v1.RunState.RUN_STATE_SUCCEEDED);
    List<CheckpointPublished> checkpoints = publishedBy(id, published);
    assertThat(checkpoints.stream().map(CheckpointPublished::getVersion)).containsExactly(1, 2, 3);
    ModelVersion last = service.bean(ModelRegistry.class).latestModel("told").orElseThrow();
    assertThat(checkpoints.getLast().getLocation()).isEqualTo(last.location());
    assertThat(checkpoints.getLast().getManifestSha256()).isEqualTo(last.manifestSha256());
  }

  /** Events of runs that ended before may come later than the reader begins. */
  private static List<RunChanged> changesOf(String run, List<RunChanged> all) {
    return all.stream().filter(change -> change.getRun().getId().equals(run)).toList();
  }

  private static List<CheckpointPublished> publishedBy(String run, List<CheckpointPublished> all) {
    return all.stream().filter(one -> one.getRunId().equals(run)).toList();
  }

  private static boolean isFinished(List<RunChanged> changes) {
    return !changes.isEmpty()
        && changes.getLast().getRun().getState()
            == io.millrace.contracts.training.v1.RunState.RUN_STATE_SUCCEEDED;
  }

  /** What somebody reads who follows a run to its end. */
  private static List<String> linesOf(String id) throws Exception {
    HttpResponse<java.util.stream.Stream<String>> answer =
        java.net.http.HttpClient.newHttpClient()
            .send(
                service
                    .request("/api/runs/" + id + "/events")
                    .header("Accept", "text/plain")
                    .build(),
                HttpResponse.BodyHandlers.ofLines());
    assertThat(answer.headers().firstValue("content-type").orElseThrow())
        .isEqualTo("text/plain;charset=UTF-8");
    return answer.body().toList();
  }

  private static TrainingServiceGrpc.TrainingServiceBlockingStub stub() {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("x-millrace-token", Metadata.ASCII_STRING_MARSHALLER), service.token());
    return TrainingServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }
}
