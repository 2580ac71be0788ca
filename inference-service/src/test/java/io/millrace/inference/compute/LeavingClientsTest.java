package io.millrace.inference.compute;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.platform.edge.ClientWatch;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing is computed for nobody: clients that do not stream leave. */
@Timeout(120)
class LeavingClientsTest {
  private static final int MOST = 2000;

  private final InferenceFixture service = InferenceFixture.shared();

  /** An answer may reach its client before its place is given back. */
  @BeforeEach
  void awaitsWhatCameBefore() throws Exception {
    await(0);
  }

  @Test
  void aCompletionEndsWhenItsClientLeaves() throws Exception {
    double cancelled = cancelled();
    CompletableFuture<HttpResponse<String>> answer = complete("a", 16_000);
    await(1);

    answer.cancel(true);

    await(0);
    assertThat(cancelled()).isEqualTo(cancelled + 1);
  }

  @Test
  void whatStillWaitsIsNotComputedAtAll() throws Exception {
    ComputePool pool = service.bean(ComputePool.class);
    double cancelled = cancelled();
    double tokens = counter("millrace.inference.tokens");
    CountDownLatch busy = new CountDownLatch(1);
    for (int thread = 0; thread < pool.streams(); thread++) {
      pool.schedule(() -> {
        try {
          busy.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return false;
      });
    }
    List<CompletableFuture<HttpResponse<String>>> answers =
        new ArrayList<>(Stream.generate(() -> complete("the", MOST)).limit(40).toList());
    await(40);
    answers.forEach(answer -> answer.cancel(true));
    InferenceFixture.await(service.bean(ClientWatch.class)::size, watched -> watched == 0);

    busy.countDown();

    await(0);
    assertThat(cancelled()).isEqualTo(cancelled + 40);
    assertThat(counter("millrace.inference.tokens")).isEqualTo(tokens);
    assertThat(
            service
                .post(
                    "/v1/completions",
                    Map.of("model", "story", "prompt", "the", "max_tokens", 2, "temperature", 0))
                .at("/usage/completion_tokens")
                .asInt())
        .isEqualTo(2);
  }

  /** Without chance, which may end a document at once. */
  private CompletableFuture<HttpResponse<String>> complete(String prompt, int tokens) {
    return service.post(
        "/v1/completions",
        """
        {"model": "story", "prompt": "%s", "max_tokens": %d, "temperature": 0}\
        """
            .formatted(prompt, tokens));
  }

  private void await(int requests) throws Exception {
    InferenceFixture.await(
        () -> service.gauge("millrace.inference.requests.in.flight"), now -> now == requests);
  }

  private double cancelled() {
    return counter("millrace.inference.cancelled");
  }

  /** Meters of a model are there from its first completion on. */
  private double counter(String name) {
    Counter counter = service.bean(MeterRegistry.class).find(name).tag("model", "story").counter();
    return counter == null ? 0 : counter.count();
  }
}
