package io.millrace.inference.compute;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.millrace.inference.InferenceServiceApplication;
import io.millrace.inference.fixture.InferenceFixture;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** One thread computes; three requests may be on their way. */
class TurnsTest {
  private static final int LONG = 2000;

  /** So many that nobody waits for their end. */
  private static final int ENDLESS = 16_000;

  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final long othersThreads = allComputeThreads();
  private InferenceFixture service;

  @BeforeEach
  void start() throws Exception {
    service =
        InferenceFixture.start(
            InferenceServiceApplication.class,
            Map.of("millrace.inference.streams", 1, "millrace.inference.queue", 2));
    service.awaitServing(service.publishLanguage("story", 1));
  }

  @AfterEach
  void stop() {
    service.close();
    clients.close();
  }

  @Test
  void doesNotLetAShortOneWaitForALongOne() throws Exception {
    CompletableFuture<HttpResponse<String>> endless =
        service.post("/v1/completions", json(wanted(ENDLESS)));
    awaitOnTheirWay(1);

    for (int i = 0; i < 5; i++) {
      JsonNode quick = service.post("/v1/completions", wanted(4));
      assertThat(tokens(quick)).isEqualTo(4);
      assertThat(endless.isDone()).as("the long one is still going on").isFalse();
    }

    assertThat(tokens(service.post("/v1/completions", wanted(LONG)))).isEqualTo(LONG);
    endless.cancel(true);
    awaitOnTheirWay(0);
    assertThat(computeThreads()).isEqualTo(1);
  }

  @Test
  void refusesOneTooManyAndFreesThePlacesOfThoseWhoLeave() throws Exception {
    try (LoggedTroubles troubles = new LoggedTroubles()) {
      List<HttpResponse<InputStream>> streams = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Map<String, Object> wanted = new HashMap<>(wanted(ENDLESS));
        wanted.put("stream", true);
        streams.add(service.open("/v1/completions", wanted));
        assertThat(streams.getLast().body().readNBytes(6)).asString().isEqualTo("data: ");
      }
      HttpResponse<String> refused = service.send("POST", "/v1/completions", json(wanted(1)));
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(refused.body()).contains("rate_limit_error");
      Map<String, String> wrong =
          Map.of(
              "/v1/completions", "{\"model\": \"story\", \"prompt\": \"\"}",
              "/v1/chat/completions", "{\"model\": \"story\", \"messages\": []}",
              "/tokenize", "{\"model\": \"story\", \"prompt\": \"a\"}");
      for (Map.Entry<String, String> request : wrong.entrySet()) {
        assertThat(service.send("POST", request.getKey(), request.getValue()).statusCode())
            .as("nothing is encoded or checked without a place: %s", request.getKey())
            .isEqualTo(429);
      }
      assertThat(computeThreads()).isEqualTo(1);

      for (HttpResponse<InputStream> stream : streams) {
        stream.body().close();
      }

      InferenceFixture.await(this::cancelled, count -> count == 3);
      assertThat(tokens(service.post("/v1/completions", wanted(3)))).isEqualTo(3);
      assertThat(troubles.soon()).isEmpty();
    }
  }

  /** One place is all that it needs, and all that it keeps from others who wait. */
  @Test
  void takesARequestOfMorePromptsThanThereArePlaces() throws Exception {
    Map<String, Object> wanted = new HashMap<>(wanted(ENDLESS));
    wanted.put("prompt", Collections.nCopies(20, "a"));
    CompletableFuture<HttpResponse<String>> many = service.post("/v1/completions", json(wanted));
    awaitOnTheirWay(1);

    for (int i = 0; i < 5; i++) {
      assertThat(tokens(service.post("/v1/completions", wanted(4)))).isEqualTo(4);
    }
    assertThat(many.isDone()).as("the many are still going on").isFalse();
    many.cancel(true);
    awaitOnTheirWay(0);

    wanted.put("max_tokens", 60);
    JsonNode whole = service.post("/v1/completions", wanted);
    assertThat(whole.path("choices").size()).isEqualTo(20);
    assertThat(tokens(whole)).isEqualTo(20 * 60);
  }

  @Test
  void endsAllPromptsOfARequestThatNobodyWaitsFor() throws Exception {
    Map<String, Object> wanted = new HashMap<>(wanted(ENDLESS));
    wanted.put("prompt", Collections.nCopies(20, "a"));
    wanted.put("stream", true);
    HttpResponse<InputStream> stream = service.open("/v1/completions", wanted);
    assertThat(stream.body().readNBytes(6)).asString().isEqualTo("data: ");

    stream.body().close();

    InferenceFixture.await(this::cancelled, count -> count == 1);
    awaitOnTheirWay(0);
    assertThat(tokens(service.post("/v1/completions", wanted(3)))).isEqualTo(3);
  }

  /** Requests on their way are continued in one step, each with its own length, seed and end. */
  @Test
  void givesEachTheTextThatItGetsAlone() throws Exception {
    List<Map<String, Object>> requests = new ArrayList<>();
    List<String> alone = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Map<String, Object> request = new HashMap<>(wanted(100 + 40 * i));
      request.put("prompt", "the river ".repeat(i + 1));
      request.put("temperature", i == 0 ? 0 : 1.0);
      request.put("seed", i);
      requests.add(request);
      alone.add(text(service.post("/v1/completions", request)));
    }
    List<Future<JsonNode>> together =
        requests.stream()
            .map(request -> clients.submit(() -> service.post("/v1/completions", request)))
            .toList();

    for (int i = 0; i < 3; i++) {
      assertThat(text(together.get(i).get())).isNotEmpty().isEqualTo(alone.get(i));
    }
  }

  private static String text(JsonNode answer) {
    return answer.path("choices").path(0).path("text").asString();
  }

  @Test
  void freesThePlacesOfRequestsThatAreRefused() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(service.send("POST", "/v1/completions", json(wanted(0))).statusCode())
          .isEqualTo(400);
    }

    assertThat(tokens(service.post("/v1/completions", wanted(3)))).isEqualTo(3);
  }

  /** Nobody notices before the answer is written, but then it is no trouble. */
  @Test
  void doesNotMindAClientThatLeavesBeforeItsAnswer() throws Exception {
    try (LoggedTroubles troubles = new LoggedTroubles()) {
      CompletableFuture<?> answer = service.post("/v1/completions", json(wanted(LONG)));
      awaitOnTheirWay(1);

      answer.cancel(true);

      awaitOnTheirWay(0);
      assertThat(troubles.soon()).isEmpty();
    }
  }

  private double cancelled() {
    return service
        .bean(io.micrometer.core.instrument.MeterRegistry.class)
        .counter("millrace.inference.cancelled", "model", "story")
        .count();
  }

  private void awaitOnTheirWay(int requests) throws Exception {
    InferenceFixture.await(
        () ->
            service.gauge("millrace.inference.running")
                + service.gauge("millrace.inference.waiting"),
        now -> now == requests);
  }

  private static String json(Map<String, Object> body) {
    return InferenceFixture.JSON.writeValueAsString(body);
  }

  /** Of this service alone. */
  private long computeThreads() {
    return allComputeThreads() - othersThreads;
  }

  private static long allComputeThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("compute-"))
        .count();
  }

  private static int tokens(JsonNode answer) {
    return answer.path("usage").path("completion_tokens").asInt();
  }

  private static Map<String, Object> wanted(int tokens) {
    return Map.of("model", "story", "prompt", "a", "max_tokens", tokens, "temperature", 0);
  }

  /**
   * Warnings and errors that are logged while this is open. Those of clients of servers are not
   * about requests: they tell of a machine that is busy, and may be of another test's service.
   */
  private static final class LoggedTroubles implements AutoCloseable {
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();

    LoggedTroubles() {
      events.start();
      root.addAppender(events);
    }

    /** Those that were logged up to a moment from now. */
    List<String> soon() throws InterruptedException {
      Thread.sleep(Duration.ofMillis(200));
      return events.list.stream()
          .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
          .filter(
              event -> !event.getLoggerName().matches("(org\\.apache\\.kafka|com\\.zaxxer)\\..*"))
          .map(event ->
              event.getFormattedMessage()
                  + "\n"
                  + ThrowableProxyUtil.asString(event.getThrowableProxy()))
          .toList();
    }

    @Override
    public void close() {
      root.detachAppender(events);
    }
  }
}
