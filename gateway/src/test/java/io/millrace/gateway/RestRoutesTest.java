package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.platform.edge.ClientWatch;
import io.millrace.platform.service.ServiceLauncher;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(180)
class RestRoutesTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static GatewayFixture gateway;

  @BeforeAll
  static void start() throws IOException {
    gateway = new GatewayFixture();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/api/datasets,data-service",
    "/api/datasets/books/snapshots,data-service",
    "/api/runs,training-service",
    "/api/runs/1/events,training-service",
    "/api/models,inference-service",
    "/api/models/shapes,inference-service",
    "/api/detect,inference-service",
    "/api/classify,inference-service",
    "/api/receptive-field,inference-service",
    "/api/activations,inference-service",
    "/v1/models,inference-service",
    "/v1/chat/completions,inference-service",
    "/tokenize,inference-service",
    "/detokenize,inference-service",
  })
  void routesPathsToTheirService(String path, String service) throws Exception {
    JsonNode seen = json(gateway.send(gateway.request(path + "?limit=3&name=a%20b")));

    assertThat(seen.get("service").asString()).isEqualTo(service);
    assertThat(seen.get("uri").asString()).isEqualTo(path + "?limit=3&name=a%20b");
  }

  @Test
  void goesOnWithTheTraceOfTheClient() throws Exception {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    HttpResponse<String> answer =
        gateway.send(
            gateway
                .request("/api/runs")
                .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
                .header("tracestate", "vendor=1"));

    assertThat(answer.headers().allValues("X-Trace-Id")).containsExactly(trace);
    JsonNode seen = json(answer);
    assertThat(header(seen, "traceparent"))
        .matches("00-" + trace + "-(?!00f067aa0ba902b7)[0-9a-f]{16}-01");
    assertThat(header(seen, "tracestate")).isEqualTo("vendor=1");
  }

  @Test
  void tellsTheTraceOfWhatItRefuses() throws Exception {
    HttpResponse<String> refused = gateway.send(HttpRequest.newBuilder(gateway.uri("/api/runs")));

    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("X-Trace-Id").orElse("")).matches("[0-9a-f]{32}");
  }

  @Test
  void countsWhatIsOnItsWay() throws Exception {
    FakeService inference = gateway.service(Service.INFERENCE);
    // A client has its answer before the gateway has ended the request.
    Awaitility.await().untilAsserted(() -> assertThat(inFlight()).isZero());
    HttpResponse<InputStream> stream =
        gateway.http.send(gateway.request("/v1/stream").build(), BodyHandlers.ofInputStream());

    assertThat(inFlight()).isEqualTo(1);

    inference.events.release(3);
    stream.body().readAllBytes();
    Awaitility.await().untilAsserted(() -> assertThat(inFlight()).isZero());
  }

  private static double inFlight() {
    return gateway
        .context
        .getBean(MeterRegistry.class)
        .get("millrace.gateway.requests.in.flight")
        .gauge()
        .value();
  }

  @Test
  void passesMethodBodyAndStatusOn() throws Exception {
    HttpResponse<String> answer =
        gateway.send(
            gateway
                .request("/api/runs/418")
                .header("Content-Type", "application/json")
                .method("PUT", BodyPublishers.ofString("{\"a\": \"ä\"}")));

    assertThat(answer.statusCode()).isEqualTo(418);
    JsonNode seen = json(answer);
    assertThat(seen.get("method").asString()).isEqualTo("PUT");
    assertThat(seen.get("body").asString()).isEqualTo("{\"a\": \"ä\"}");
    assertThat(header(seen, "content-type")).isEqualTo("application/json");
  }

  @Test
  void passesUploadsOnAsTheyAre() throws Exception {
    String body = "--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nabc\r\n--x--\r\n";
    JsonNode multipart =
        json(
            gateway.send(
                gateway
                    .request("/api/datasets/books/documents")
                    .header("Content-Type", "multipart/form-data; boundary=x")
                    .POST(BodyPublishers.ofString(body))));
    JsonNode form =
        json(
            gateway.send(
                gateway
                    .request("/api/datasets/books/documents")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString("a=1&b=2"))));

    assertThat(multipart.get("body").asString()).isEqualTo(body);
    assertThat(header(multipart, "content-type")).isEqualTo("multipart/form-data; boundary=x");
    assertThat(form.get("uri").asString()).isEqualTo("/api/datasets/books/documents");
    assertThat(form.get("body").asString()).isEqualTo("a=1&b=2");
  }

  @Test
  void tellsServicesWhoCallsAndNothingThatTheCallerSays() throws Exception {
    JsonNode seen =
        json(
            gateway.send(
                gateway
                    .request("/api/runs")
                    .header("X-Millrace-Token", "forged")
                    .header("X-Millrace-Principal", "root")
                    .header("X-Forwarded-For", "10.0.0.1")
                    .header("X-Forwarded-Host", "evil.example")
                    .header("Forwarded", "for=10.0.0.1")
                    .header("Cookie", "a=b")
                    .header("X-Millrace-Document-Id", "fable-1")
                    .header("X-Millrace-Document-Id-2", "fable-2")
                    .header("X-Request-Id", "kept")));

    assertThat(seen.get("principal").asString())
        .isEqualTo("key:" + gateway.adminKey.substring(3, 13));
    assertThat(seen.get("administrator").asBoolean()).isTrue();
    assertThat(
            seen.get("headers")
                .propertyStream()
                .map(e -> e.getKey().toLowerCase(java.util.Locale.ROOT)))
        .contains("x-request-id", "x-millrace-token", "x-millrace-document-id")
        .doesNotContain(
            "x-millrace-document-id-2",
            "authorization",
            "x-millrace-principal",
            "x-forwarded-for",
            "x-forwarded-host",
            "forwarded",
            "cookie");
    assertThat(seen.get("headers").get("x-millrace-token").size()).isOne();
  }

  /** They would reach a service with other letters, and two names might become one. */
  @ParameterizedTest
  @ValueSource(strings = {"X-Millrace-Document-Id", "Idempotency-Key"})
  void refusesNamesInHeadersThatAreNotAscii(String header) throws Exception {
    URI address = gateway.request("/api/datasets/books/documents").build().uri();
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket
          .getOutputStream()
          .write(
              """
              POST /api/datasets/books/documents HTTP/1.1\r
              Host: %s\r
              Authorization: Bearer %s\r
              Content-Type: text/plain\r
              Content-Length: 1\r
              Connection: close\r
              %s: k\u00e4se\r
              \r
              a\
              """
                  .formatted(address.getAuthority(), gateway.adminKey, header)
                  .getBytes(StandardCharsets.UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer)
          .startsWith("HTTP/1.1 400")
          .containsIgnoringCase("header '" + header + "' may only have ASCII letters");
    }
  }

  @Test
  void refusesUnknownPaths() throws Exception {
    for (String path : new String[] {"/", "/nowhere", "/api", "/actuator/env", "/v3/api-docs"}) {
      HttpResponse<String> answer = gateway.send(gateway.request(path));
      assertThat(answer.statusCode()).as(path).isEqualTo(404);
      assertThat(json(answer).get("code").asString()).isEqualTo("not_found");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/runs/../../actuator/env",
        "/api/runs/..",
        "/api/runs/./x",
        "/api/runs//x",
        "//api/runs",
        "/api/runs/%2e%2e/x",
        "/api/runs/%2E%2E/x",
        "/api/runs/..%2fx",
        "/api/runs/a%2fb",
        "/api/runs/a%5cb",
        "/api/runs/a%00b",
        "/api/runs/a%0d%0aX-Evil:1",
        "/api/runs/%252e%252e/x",
        "/api/runs;x=1/y",
        "/api/runs/a%3bx=1",
        "/api/%72uns",
        "/%76%31/models",
        "/api/runs/%41",
        "/api/runs/%7A",
        "/api/runs/%30",
        "/api/runs/%2d%5f%7e",
        "/actuator/%68ealth"
      })
  void refusesAmbiguousPaths(String path) throws Exception {
    // By hand, because clients tidy paths up before they send them.
    try (Socket socket = new Socket("127.0.0.1", ServiceLauncher.httpPort(gateway.context))) {
      socket
          .getOutputStream()
          .write(
              ("GET "
                      + path
                      + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                      + gateway.adminKey
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void limitsBodiesWithAndWithoutAnnouncedLength() throws Exception {
    byte[] fits = "x".repeat(1024).getBytes(StandardCharsets.UTF_8);
    byte[] oneOver = "x".repeat(1025).getBytes(StandardCharsets.UTF_8);
    for (byte[] body : new byte[][] {fits, oneOver}) {
      int expected = body.length > 1024 ? 413 : 200;
      assertThat(post("/api/runs", BodyPublishers.ofByteArray(body)).statusCode())
          .isEqualTo(expected);
      assertThat(
              post("/api/runs", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                  .statusCode())
          .isEqualTo(expected);
    }
    HttpResponse<String> openAi = post("/v1/completions", BodyPublishers.ofByteArray(oneOver));
    assertThat(openAi.statusCode()).isEqualTo(413);
    assertThat(json(openAi).get("error").get("code").asString()).isEqualTo("payload_too_large");
  }

  @Test
  void passesEventsOnOneByOne() throws Exception {
    FakeService inference = gateway.service(Service.INFERENCE);
    HttpResponse<InputStream> answer =
        gateway.http.send(gateway.request("/v1/stream").build(), BodyHandlers.ofInputStream());

    assertThat(answer.headers().firstValue("content-type").orElseThrow())
        .startsWith("text/event-stream");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      for (int i = 0; i < 3; i++) {
        // The next event is not even written before this one has arrived.
        inference.events.release();
        assertThat(lines.readLine()).isEqualTo("data: " + i);
        assertThat(lines.readLine()).isEmpty();
      }
      assertThat(lines.readLine()).isNull();
    }
  }

  @Test
  void letsGoOfTheServiceWhenTheClientHasGone() throws Exception {
    HttpResponse<InputStream> answer =
        gateway.http.send(gateway.request("/v1/endless").build(), BodyHandlers.ofInputStream());
    answer.body().readNBytes(20);
    answer.body().close();

    gateway.service(Service.INFERENCE).clientGone.get(90, TimeUnit.SECONDS);
  }

  @Test
  void cutsTheAnswerWhenTheServiceDiesInTheMiddle() {
    assertThatThrownBy(() ->
            gateway.http.send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:"
                                + gateway.service(Service.INFERENCE).httpPort()
                                + "/v1/broken"))
                    .build(),
                BodyHandlers.ofString()))
        .as("without the gateway")
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> gateway.send(gateway.request("/v1/broken")))
        .isInstanceOf(IOException.class);
  }

  /** Not only of an answer that streams: nobody writes anything while a service computes. */
  @Test
  void hangsUpOnAServiceWhenTheClientLeavesBeforeTheAnswer() throws Exception {
    try (Socket client = new Socket("127.0.0.1", gateway.uri("/").getPort())) {
      client
          .getOutputStream()
          .write(
              "POST /v1/silent HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 2\r\n\r\n{}"
                  .formatted(gateway.adminKey)
                  .getBytes(StandardCharsets.US_ASCII));
      Awaitility.await().until(() -> inFlight() == 1);
      Awaitility.await().until(() -> gateway.context.getBean(ClientWatch.class).size() == 1);
    }

    Awaitility.await().until(() -> inFlight() == 0);
  }

  @Test
  void describesAllServices() throws Exception {
    for (Service service : Service.values()) {
      JsonNode seen = json(gateway.send(gateway.request("/openapi/" + service.label())));
      assertThat(seen.get("service").asString()).isEqualTo(service.label());
      assertThat(seen.get("uri").asString()).isEqualTo("/v3/api-docs");
    }
    assertThat(gateway.send(gateway.request("/openapi/gateway")).body())
        .contains("/api/keys", "bearer");
    assertThat(gateway.send(gateway.request("/openapi/other")).statusCode()).isEqualTo(404);
  }

  @Test
  void showsTheMetricsOfAllServices() throws Exception {
    for (Service service : Service.values()) {
      String path = "/actuator/prometheus/" + service.label();
      JsonNode seen = json(gateway.send(gateway.request(path + "?includedNames=jvm_info")));
      assertThat(seen.get("service").asString()).isEqualTo(service.label());
      assertThat(seen.get("uri").asString())
          .isEqualTo("/actuator/prometheus?includedNames=jvm_info");
      assertThat(seen.get("principal").asString()).startsWith("key:");
    }
    assertThat(gateway.send(gateway.request("/actuator/prometheus")).body())
        .contains("jvm_memory_used_bytes");
    assertThat(gateway.send(gateway.request("/actuator/prometheus/other")).statusCode())
        .isEqualTo(404);
  }

  private static HttpResponse<String> post(String path, HttpRequest.BodyPublisher body)
      throws Exception {
    return gateway.send(
        gateway.request(path).header("Content-Type", "application/json").POST(body));
  }

  private static String header(JsonNode seen, String name) {
    return seen.get("headers").get(name).get(0).asString();
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }
}
