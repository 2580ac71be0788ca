package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.RunChanged;
import io.millrace.contracts.training.v1.CreateRunRequest;
import io.millrace.contracts.training.v1.Run;
import io.millrace.contracts.training.v1.RunState;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.platform.event.Outbox;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** What clients hear of a model that has no version yet. */
class ModelsInTrainingTest {
  private static final InferenceFixture SERVICE = InferenceFixture.shared();
  private static final String BODY = "{\"model\": \"learning\", \"prompt\": \"a\"}";

  @Test
  void saysThatARunWillLearnTheModel() throws Exception {
    assertThat(complete().statusCode()).isEqualTo(404);

    announce("run-1", RunState.RUN_STATE_QUEUED);
    requireUnavailable("run run-1, which will learn it, is queued");
    announce("run-1", RunState.RUN_STATE_RUNNING);
    requireUnavailable("run run-1 is learning it");
    assertThat(SERVICE.send("GET", "/api/models/learning", "").body())
        .contains("model 'learning' has no version yet");

    announce("run-1", RunState.RUN_STATE_CANCELLED);
    HttpResponse<String> answer =
        InferenceFixture.await(ModelsInTrainingTest::complete, now -> now.statusCode() == 404);
    assertThat(answer.body()).contains("does not exist");
  }

  private static void requireUnavailable(String message) throws Exception {
    HttpResponse<String> answer =
        InferenceFixture.await(ModelsInTrainingTest::complete, now -> now.body().contains(message));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body())
        .contains("model 'learning' has no version yet, its first checkpoint will be one");
  }

  private static HttpResponse<String> complete() throws Exception {
    return SERVICE.send("POST", "/v1/completions", BODY);
  }

  private static void announce(String run, RunState state) {
    RunChanged changed =
        RunChanged.newBuilder()
            .setRun(
                Run.newBuilder()
                    .setId(run)
                    .setRequest(CreateRunRequest.newBuilder().setModel("learning"))
                    .setState(state))
            .build();
    SERVICE
        .bean(TransactionTemplate.class)
        .executeWithoutResult(unused ->
            SERVICE
                .bean(Outbox.class)
                .append(SERVICE.bean(Topics.class).runs(), run, EventTypes.RUN_CHANGED, changed));
  }
}
