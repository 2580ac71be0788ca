package io.millrace.training.run;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.RunChanged;
import io.millrace.contracts.events.v1.RunDeleted;
import io.millrace.platform.event.Outbox;
import org.springframework.stereotype.Component;

/** Tells the platform about runs, in the transaction that changes them. */
@Component
public class RunEvents {
  private final Outbox outbox;
  private final Topics topics;

  RunEvents(Outbox outbox, Topics topics) {
    this.outbox = outbox;
    this.topics = topics;
  }

  /** Says that a run was deleted, once the caller's transaction commits. */
  void deleted(Run run) {
    outbox.append(
        topics.runs(),
        run.id(),
        EventTypes.RUN_DELETED,
        RunDeleted.newBuilder().setRunId(run.id()).setModel(run.request().model()).build());
  }

  /** Publishes a run as it is now, once the caller's transaction commits. */
  public void changed(Run run) {
    outbox.append(
        topics.runs(),
        run.id(),
        EventTypes.RUN_CHANGED,
        RunChanged.newBuilder().setRun(RunMessages.of(run)).build());
  }
}
