package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.GetDatasetRequest;
import io.millrace.standalone.contract.TraceReceiver.Received;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A client's trace is gone on with over REST, gRPC, Kafka and the database, up to the swap of what
 * was learned; what belongs to another trace is linked.
 */
abstract class TraceContract {
  private static final String UPLOAD = "00f067aa0ba902b7";

  private final Rest rest;
  private final Rpc rpc;
  private final LearnedModels models;
  private final TraceReceiver receiver;

  TraceContract(Rest rest, Rpc rpc, LearnedModels models, TraceReceiver receiver) {
    this.rest = rest;
    this.rpc = rpc;
    this.models = models;
    this.receiver = receiver;
  }

  @Test
  void isOneFromTheUploadToTheSwap() {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    Rest traced = rest.with("traceparent", "00-" + trace + "-" + UPLOAD + "-01");
    String run = learn(traced, traced, "traced");

    List<Received> spans =
        Await.until(
            () -> receiver.of(trace),
            came ->
                has(came, "run classification")
                    && isWhole(came, "prepare documents")
                    && isWhole(came, "swap model"));
    assertThat(ways(spans, "prepare documents"))
        .isNotEmpty()
        .containsOnly(List.of("data-service", "data-service", "gateway", "gateway"));
    assertThat(ways(spans, "swap model"))
        .containsOnly(
            List.of(
                "inference-service",
                "training-service publish checkpoint",
                "training-service run classification",
                "training-service",
                "gateway",
                "gateway"));
    assertThat(run).isNotEmpty();
  }

  @Test
  void aRunIsLinkedToTheTracesOfWhatItLearnsFrom() {
    String uploaded = "0af7651916cd43dd8448eb211c80319c";
    String asked = "1af7651916cd43dd8448eb211c80319c";
    learn(
        rest.with("traceparent", "00-" + uploaded + "-" + UPLOAD + "-01"),
        rest.with("traceparent", "00-" + asked + "-" + UPLOAD + "-01"),
        "linked");

    List<Received> spans =
        Await.until(() -> receiver.of(asked), came -> has(came, "run classification"));
    Received run =
        spans.stream().filter(span -> span.name().equals("run classification")).findAny().get();
    assertThat(run.links()).containsOnly(uploaded);
  }

  @Test
  void goesOnOverGrpc() {
    String trace = "2af7651916cd43dd8448eb211c80319c";
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER),
        "00-" + trace + "-" + UPLOAD + "-01");
    String texts = models.texts();
    DataServiceGrpc.newBlockingStub(rpc.channel())
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .getDataset(GetDatasetRequest.newBuilder().setName(texts).build());

    String call = "millrace.data.v1.DataService/GetDataset";
    List<Received> spans =
        Await.until(() -> receiver.of(trace), came -> came.size() >= 3 && isWhole(came, call));
    assertThat(ways(spans, call)).contains(List.of("data-service", "gateway", "gateway"));
  }

  @Test
  void probesAndCollectorsLeaveNone() {
    rest.get("/actuator/prometheus/data-service").response();
    rest.get("/actuator/health").expect(200);

    assertThat(receiver.all())
        .isNotEmpty()
        .noneMatch(span -> span.name().contains("actuator") || span.name().contains("health"));
  }

  /** A classifier that learns a table of few rows; the run's id, once the model serves. */
  private String learn(Rest uploading, Rest asking, String name) {
    uploading
        .post(
            "/api/datasets",
            Map.of(
                "name",
                name,
                "kind",
                "rows",
                "columns",
                List.of("x"),
                "classes",
                List.of("a", "b")))
        .expect(201);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      rows.append("{\"x\": %d, \"label\": \"%s\"}\n".formatted(i, i % 2 == 0 ? "a" : "b"));
    }
    uploading
        .post("/api/datasets/" + name + "/documents", "application/x-ndjson", rows.toString())
        .expect(200);
    asking.post("/api/datasets/" + name + "/snapshots", Map.of()).expect(201);
    String run =
        asking
            .post(
                "/api/runs",
                Map.of(
                    "model",
                    name,
                    "task",
                    "classification",
                    "dataset",
                    name,
                    "preset",
                    "linear",
                    "steps",
                    2))
            .expect(201)
            .path("id")
            .asString();
    Await.until(
        () -> rest.get("/api/models/" + name).json(), seen -> seen.path("version").asInt() > 0);
    return run;
  }

  private static boolean has(List<Received> spans, String name) {
    return spans.stream().anyMatch(span -> span.name().equals(name));
  }

  /**
   * Whether spans of a name came, and all that they are parts of: each service sends its own when
   * it likes.
   */
  private static boolean isWhole(List<Received> spans, String name) {
    Map<String, String> parents =
        spans.stream().collect(Collectors.toMap(Received::id, Received::parent, (a, _) -> a));
    return has(spans, name)
        && spans.stream()
            .filter(span -> span.name().equals(name))
            .allMatch(span -> {
              String at = span.parent();
              while (parents.containsKey(at)) {
                at = parents.get(at);
              }
              return at.equals(UPLOAD);
            });
  }

  /**
   * Through which services spans of a name came, from the span up to the client's own. Spans that
   * are neither a request nor a call are named.
   */
  private static List<List<String>> ways(List<Received> spans, String name) {
    return spans.stream()
        .filter(span -> span.name().equals(name))
        .map(span -> way(spans, span))
        .toList();
  }

  private static List<String> way(List<Received> spans, Received first) {
    List<String> way = new ArrayList<>(List.of(first.service()));
    String parent = first.parent();
    while (!parent.equals(UPLOAD)) {
      String id = parent;
      Received next =
          spans.stream()
              .filter(span -> span.id().equals(id))
              .findFirst()
              .orElseThrow(() -> new AssertionError(id + " is not in " + spans));
      boolean own = next.name().startsWith("run ") || next.name().startsWith("publish ");
      way.add(own ? next.service() + " " + next.name() : next.service());
      parent = next.parent();
    }
    return way;
  }
}
