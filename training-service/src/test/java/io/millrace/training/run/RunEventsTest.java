package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.training.fixture.TrainingFixture;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How the stream of a run's events gets on when the database or the service goes away. */
class RunEventsTest {

  @Test
  void outlastsADatabaseThatFailsAndSaysThatTheServiceStops() throws Exception {
    try (TrainingFixture service = TrainingFixture.start()) {
      service.textDataset("text");
      String id = service.createRun("watched", "text", Map.of("steps", 1_000_000));
      CompletableFuture<List<String>> events = watch(service, id);
      JdbcClient jdbc = service.bean(JdbcClient.class);
      Thread.sleep(500);

      jdbc.sql("alter table run rename to run_away").update();
      Thread.sleep(1000);
      jdbc.sql("alter table run_away rename to run").update();
      Thread.sleep(500);
      assertThat(events).isNotDone();
      service.close();

      List<String> lines = events.get();
      assertThat(lines.stream().filter(line -> line.startsWith("event:")).toList())
          .contains("event:run")
          .endsWith("event:error");
      assertThat(lines.stream().filter(line -> line.startsWith("data:")).toList().getLast())
          .contains("the service is stopping", "\"unavailable\"");
    }
  }

  private static CompletableFuture<List<String>> watch(TrainingFixture service, String id) {
    return HttpClient.newHttpClient()
        .sendAsync(service.request("/api/runs/" + id + "/events").build(), BodyHandlers.ofLines())
        .thenApply(answer -> {
          try (Stream<String> lines = answer.body()) {
            return lines.toList();
          }
        });
  }
}
