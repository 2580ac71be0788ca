package io.millrace.training.run;

import static io.millrace.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.training.fixture.TrainingFixture;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How the stream of a run's events gets on when the database or the service goes away. */
class RunEventsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(120);

  @Test
  void outlastsADatabaseThatFailsAndSaysThatTheServiceStops() throws Exception {
    try (TrainingFixture service = TrainingFixture.start()) {
      service.textDataset("text");
      String id =
          service.createRun("watched", "text", Map.of("steps", 1_000_000, "checkpoint_every", 0));
      List<String> lines = new CopyOnWriteArrayList<>();
      CompletableFuture<Void> events = watch(service, id, lines);
      JdbcClient jdbc = service.bean(JdbcClient.class);
      awaitEventBehind(lines, 0, events);

      jdbc.sql("alter table run rename to run_away").update();
      // Longer than a watch waits before it looks again.
      Thread.sleep(1000);
      int before = lines.size();
      jdbc.sql("alter table run_away rename to run").update();
      awaitEventBehind(lines, before, events);
      service.close();

      events.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      assertThat(lines.stream().filter(line -> line.startsWith("event:")).toList())
          .contains("event:run")
          .endsWith("event:error");
      assertThat(lines.stream().filter(line -> line.startsWith("data:")).toList().getLast())
          .contains("the service is stopping", "\"unavailable\"");
    }
  }

  private static void awaitEventBehind(
      List<String> lines, int place, CompletableFuture<Void> events) {
    await()
        .until(() -> {
          assertThat(events).isNotDone();
          List<String> all = List.copyOf(lines);
          return all.subList(place, all.size()).contains("event:run");
        });
  }

  private static CompletableFuture<Void> watch(
      TrainingFixture service, String id, List<String> seen) {
    return HttpClient.newHttpClient()
        .sendAsync(service.request("/api/runs/" + id + "/events").build(), BodyHandlers.ofLines())
        .thenAccept(answer -> {
          try (Stream<String> lines = answer.body()) {
            lines.forEach(seen::add);
          }
        });
  }
}
