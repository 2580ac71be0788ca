package io.millrace.platform.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.UnknownFieldSet;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.Dataset;
import io.millrace.contracts.data.v1.GetDatasetRequest;
import io.millrace.platform.security.InternalToken;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.platform.vital.VitalThreads;
import io.millrace.platform.web.FullMemory;
import io.millrace.testing.GrpcReflection;
import io.millrace.testing.TestServers;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole service on real servers: what the platform promises at its HTTP and gRPC edges. */
class SampleServiceTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String METRICS_TOKEN = "metrics-".repeat(4);
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static ConfigurableApplicationContext service;
  private static String token;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() {
    Map<String, Object> properties = new HashMap<>(TestServers.properties());
    properties.put("millrace.internal.metrics-token", METRICS_TOKEN);
    service = ServiceLauncher.start(SampleService.class, "sample-service", properties);
    token = service.getBean(InternalToken.class).issue("key:test");
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", ServiceLauncher.grpcPort(service))
            .usePlaintext()
            .build();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    service.close();
  }

  @Test
  void readsAndWritesSnakeCase() throws Exception {
    HttpResponse<String> answer =
        post("/api/sample/settings", "{\"batch_size\": 3, \"name\": \"a\", \"kind\": \"TEXT\"}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(answer.body()).get("batch_size").asInt()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{`batch_size`: 3, `batch_sise`: 3, `name`: `a`} | batch_sise | unknown field 'batch_sise'",
        "{`batch_size`: `many`, `name`: `a`} | batch_size | whole number",
        "{`batch_size`: null, `name`: `a`} | batch_size | whole number",
        "{`batch_size`: `3`, `name`: `a`} | batch_size | whole number",
        "{`batch_size`: ``, `name`: `a`} | batch_size | whole number",
        "{`batch_size`: true, `name`: `a`} | batch_size | whole number",
        "{`batch_size`: 1, `name`: 5} | name | a string",
        "{`batch_size`: 1, `name`: 5.5} | name | a string",
        "{`batch_size`: 1, `name`: true} | name | a string",
        "{`batch_size`: 1e30, `name`: `a`} | batch_size | whole number",
        "{`batch_size`: 101, `name`: `a`} | batch_size | less than or equal to 100",
        "{`batch_size`: 1} | name | must not be null",
        "{`batch_size`: 1, `name`: `a`, `kind`: `SOUND`} | kind | TEXT, IMAGES",
        "{`batch_size`: 1 | | not JSON",
        "{`batch_size`: 1, `name`: `a`} {} | | body",
        "[] | | an object",
        "nothing | | not JSON",
      })
  void saysWhatIsWrongWithABody(String body, String field, String message) throws Exception {
    HttpResponse<String> answer = post("/api/sample/settings", body.replace('`', '"'));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("code").asString()).isEqualTo("invalid_argument");
    assertThat(problem.get("status").asInt()).isEqualTo(400);
    assertThat(problem.get("detail").asString()).contains(message);
    if (field != null) {
      assertThat(problem.get("parameter").asString()).isEqualTo(field);
    }
  }

  @Test
  void refusesDeepJson() throws Exception {
    HttpResponse<String> answer =
        post("/api/sample/settings", "{\"name\":" + "[".repeat(200) + "]".repeat(200) + "}");

    assertThat(answer.statusCode()).isEqualTo(400);
  }

  @Test
  void rendersTheOpenAiEnvelopeOnV1() throws Exception {
    HttpResponse<String> answer = post("/v1/sample", "{\"batch_size\": 1, \"temprature\": 1}");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    JsonNode error = JSON.readTree(answer.body()).get("error");
    assertThat(error.propertyNames()).containsExactlyInAnyOrder("message", "type", "param", "code");
    assertThat(error.get("type").asString()).isEqualTo("invalid_request_error");
    assertThat(error.get("param").asString()).isEqualTo("temprature");
  }

  @ParameterizedTest
  @CsvSource({
    "/api/sample/limited,400,parameter 'limit' is missing",
    "/api/sample/limited?limit=ten,400,must be a whole number from -2147483648 to 2147483647",
    "/api/sample/limited?limit=2147483648,400,it is '2147483648'",
    "/api/sample/kinds/SOUND,400,parameter 'kind' must be one of",
    "/api/sample/kinds/SOUND,400,it is 'SOUND'",
    "/api/sample/limited?limit=1&offset=2,400,unknown parameter 'offset'",
    "/api/sample/things/lamp,404,thing 'lamp' does not exist",
    "/api/sample/settings,405,GET",
    "/api/sample/nowhere,404,",
  })
  void rendersWhatSpringRefuses(String path, int status, String message) throws Exception {
    HttpResponse<String> answer = get(path);

    assertThat(answer.statusCode()).isEqualTo(status);
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("instance").asString()).isEqualTo(path.replaceAll("\\?.*", ""));
    assertThat(problem.get("detail").asString()).contains(message == null ? "" : message);
  }

  @Test
  void namesTheMethodsThatAPathHas() throws Exception {
    assertThat(get("/api/sample/settings").headers().firstValue("allow")).hasValue("POST");
  }

  @Test
  void refusesAnotherMediaType() throws Exception {
    refusesMediaType("text/csv");
    refusesMediaType("application/yaml");
  }

  private static void refusesMediaType(String type) throws Exception {
    HttpResponse<String> answer =
        send(
            request("/api/sample/settings")
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString("a,b")));

    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(JSON.readTree(answer.body()).get("code").asString())
        .isEqualTo("unsupported_media_type");
    assertThat(JSON.readTree(answer.body()).get("detail").asString())
        .isEqualTo(
            "Content-Type '%s' is not read; accepted here: application/*+json, application/json"
                .formatted(type));
    assertThat(answer.headers().firstValue("accept").orElseThrow()).contains("application/json");
  }

  @Test
  void tellsNothingOfADefect() throws Exception {
    HttpResponse<String> answer = get("/api/sample/defect");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("hunter2").contains("internal error");
  }

  @Test
  void tellsAFaultOfTheFileSystemWithoutItsPath() throws Exception {
    HttpResponse<String> answer = get("/api/sample/stale");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(JSON.readTree(answer.body()).get("code").asString()).isEqualTo("unavailable");
    assertThat(JSON.readTree(answer.body()).get("detail").asString())
        .isEqualTo("a file of the platform cannot be read or written now; try again later");
    assertThat(answer.body()).doesNotContain("hunter2");
  }

  @Test
  void limitsBodiesWithAndWithoutAnnouncedLength() throws Exception {
    byte[] fits = "x".repeat(4096).getBytes(StandardCharsets.UTF_8);
    byte[] oneOver = "x".repeat(4097).getBytes(StandardCharsets.UTF_8);

    for (byte[] body : List.of(fits, oneOver)) {
      int expected = body.length > 4096 ? 413 : 200;
      assertThat(postBytes("/api/sample/large", BodyPublishers.ofByteArray(body)))
          .isEqualTo(expected);
      assertThat(
              postBytes(
                  "/api/sample/large",
                  BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))))
          .isEqualTo(expected);
    }
    assertThat(
            postBytes(
                "/api/sample/settings",
                BodyPublishers.ofString("{\"name\": \"" + "x".repeat(1024) + "\"}")))
        .isEqualTo(413);
  }

  @Test
  void isDownWithTheNameOfAThreadThatDied() throws Exception {
    VitalThreads threads = service.getBean(VitalThreads.class);
    Thread dying =
        threads.start(
            Thread.ofPlatform().name("vital").uncaughtExceptionHandler((thread, e) -> {}),
            () -> {
              throw new StackOverflowError("an Error");
            });
    dying.join();
    try {
      for (String path : List.of("/actuator/health", "/actuator/health/liveness")) {
        HttpResponse<String> answer =
            HTTP.send(
                HttpRequest.newBuilder(URI.create(base() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body())
            .contains("vital has ended: java.lang.StackOverflowError: an Error");
      }
    } finally {
      threads.forget(dying);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
  void isOpenForHealth(String path) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(base() + path)).build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/sample/caller",
        "/v3/api-docs",
        "/actuator",
        "/actuator/prometheus",
        "/actuator/env",
        "/actuator/health/db",
        "/actuator/health/..%2f..%2fapi/sample/caller",
        "/actuator/health/../../api/sample/caller",
        "/error",
        "/nowhere"
      })
  void isClosedForTheRest(String path) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(base() + path)).build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isIn(400, 401);
  }

  @Test
  void givesMetricsToTheGatewayAndToTheirCollector() throws Exception {
    assertThat(get("/actuator/prometheus").body()).contains("jvm_memory_used_bytes");
    assertThat(collect("/actuator/prometheus", "Bearer " + METRICS_TOKEN).body())
        .contains("jvm_memory_used_bytes");
    for (String other : List.of("Bearer ", "Bearer " + METRICS_TOKEN + "x", METRICS_TOKEN)) {
      assertThat(collect("/actuator/prometheus", other).statusCode()).as(other).isEqualTo(401);
    }
    for (String path : List.of("/api/sample/caller", "/actuator/prometheus/", "/v3/api-docs")) {
      assertThat(collect(path, "Bearer " + METRICS_TOKEN).statusCode()).as(path).isEqualTo(401);
    }
  }

  @Test
  void knowsTheCaller() throws Exception {
    JsonNode answer = JSON.readTree(get("/api/sample/caller").body());

    assertThat(answer.get("caller").asString()).isEqualTo("key:test");
    assertThat(answer.get("virtual").asBoolean()).isTrue();
  }

  @Test
  void describesItself() throws Exception {
    JsonNode description = JSON.readTree(get("/v3/api-docs").body());

    assertThat(description.toString())
        .contains("/api/sample/settings", "batch_size")
        .doesNotContain("/error");
    assertThat(description.at("/paths/~1v1~1sample/post/responses/default/$ref").asString())
        .isEqualTo("#/components/responses/OpenAiError");
    assertThat(
            description.at("/paths/~1api~1sample~1settings/post/responses/default/$ref").asString())
        .isEqualTo("#/components/responses/Problem");
    assertThat(description.at("/components/schemas").propertyNames())
        .contains("Problem", "OpenAiError", "Settings");
    JsonNode scheme = description.get("components").get("securitySchemes").get("api-key");
    assertThat(scheme.get("type").asString()).isEqualTo("http");
    assertThat(scheme.get("scheme").asString()).isEqualTo("bearer");
    assertThat(description.get("security").toString()).isEqualTo("[{\"api-key\":[]}]");
  }

  @Test
  void requiresTheTokenOverGrpc() {
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> DataServiceGrpc.newBlockingStub(channel).getDataset(named("x")));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(
            HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatusValue())
        .isPositive();
  }

  @Test
  void describesItselfOverGrpcToThoseWithTheToken() {
    assertThat(reflection(token).services())
        .contains("millrace.data.v1.DataService", "grpc.health.v1.Health");
    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> reflection("forged").services());
    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void knowsTheCallerOverGrpc() {
    Dataset answer = stub().getDataset(named("x"));

    assertThat(answer.getName()).isEqualTo("key:test");
    assertThat(answer.getClassesList()).containsExactly("virtual");
  }

  @Test
  void refusesMessagesOverGrpcWhileOthersFillTheMemory() {
    try (FullMemory others = new FullMemory()) {
      assertThat(others).isNotNull();
      StatusRuntimeException refused =
          catchThrowableOfType(StatusRuntimeException.class, () -> stub().getDataset(named("x")));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      Metadata trailers = refused.getTrailers();
      assertThat(trailers).isNotNull();
      assertThat(
              trailers.get(
                  Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER)))
          .isEqualTo("1000");
    }
    assertThat(stub().getDataset(named("x")).getName()).isEqualTo("key:test");
  }

  @ParameterizedTest
  @CsvSource({
    "thrown,NOT_FOUND,dataset",
    "observed,NOT_FOUND,dataset",
    "defect,INTERNAL,internal",
    "stale,UNAVAILABLE,a file of the platform cannot be read or written now"
  })
  void rendersFailuresOverGrpc(String name, Status.Code code, String message) {
    StatusRuntimeException failed =
        catchThrowableOfType(StatusRuntimeException.class, () -> stub().getDataset(named(name)));

    assertThat(failed.getStatus().getCode()).isEqualTo(code);
    assertThat(failed.getStatus().getDescription()).contains(message).doesNotContain("hunter2");
    Metadata trailers = failed.getTrailers();
    assertThat(trailers).isNotNull();
    assertThat(trailers.get(Metadata.Key.of("millrace-code", Metadata.ASCII_STRING_MARSHALLER)))
        .isEqualTo(code.name().toLowerCase(java.util.Locale.ROOT));
  }

  /** Trailers that are too large would end the connection, with all other calls on it. */
  @ParameterizedTest
  @ValueSource(strings = {"x", "\u4e2d"})
  void saysWhatIsWrongWithALongNameWithinTheLimitOfTrailers(String letter) {
    StatusRuntimeException failed =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> stub().getDataset(named(letter.repeat(12_000))));

    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(failed.getStatus().getDescription())
        .startsWith("dataset '" + letter)
        .endsWith("...");
  }

  @Test
  void refusesUnknownFieldsOverGrpc() {
    GetDatasetRequest request =
        named("x").toBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                    .build())
            .build();

    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> stub().getDataset(request));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refused.getStatus().getDescription())
        .isEqualTo("unknown field numbers: millrace.data.v1.GetDatasetRequest.99");
    assertThat(stub().getDataset(named("x")).getName()).isEqualTo("key:test");
  }

  private static DataServiceGrpc.DataServiceBlockingStub stub() {
    return DataServiceGrpc.newBlockingStub(channel(token));
  }

  private static GrpcReflection reflection(String token) {
    return new GrpcReflection(channel(token));
  }

  private static Channel channel(String token) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-millrace-token", Metadata.ASCII_STRING_MARSHALLER), token);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static GetDatasetRequest named(String name) {
    return GetDatasetRequest.newBuilder().setName(name).build();
  }

  private static String base() {
    return "http://127.0.0.1:" + ServiceLauncher.httpPort(service);
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base() + path)).header(InternalToken.HEADER, token);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  private static HttpResponse<String> collect(String path, String authorization) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(base() + path)).header("Authorization", authorization));
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  private static int postBytes(String path, BodyPublisher body) throws Exception {
    return send(request(path).header("Content-Type", "application/json").POST(body)).statusCode();
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
