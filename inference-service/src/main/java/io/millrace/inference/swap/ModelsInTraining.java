package io.millrace.inference.swap;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.events.v1.RunChanged;
import io.millrace.contracts.training.v1.Run;
import io.millrace.platform.event.ReceivedEvent;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Which models runs are learning now, as the topic of runs tells: a model without a version may be
 * one that gets its first soon.
 */
@Component
final class ModelsInTraining {

  /** Runs that have not ended, by id. */
  private final Map<String, Run> runs = new ConcurrentHashMap<>();

  void handle(ReceivedEvent event) {
    if (event.type().equals(EventTypes.RUN_CHANGED)) {
      Run run = event.payload(RunChanged.parser()).getRun();
      switch (run.getState()) {
        case RUN_STATE_QUEUED, RUN_STATE_RUNNING, RUN_STATE_PAUSED -> runs.put(run.getId(), run);
        case RUN_STATE_SUCCEEDED,
            RUN_STATE_FAILED,
            RUN_STATE_CANCELLED,
            RUN_STATE_UNSPECIFIED,
            UNRECOGNIZED ->
            runs.remove(run.getId());
      }
    }
  }

  /** What a run that learns the model does now, for people; empty if there is none. */
  Optional<String> find(String model) {
    return runs.values().stream()
        .filter(run -> run.getRequest().getModel().equals(model))
        .map(run ->
            switch (run.getState()) {
              case RUN_STATE_RUNNING -> "run %s is learning it".formatted(run.getId());
              case RUN_STATE_PAUSED ->
                  "run %s, which will learn it, is paused".formatted(run.getId());
              case RUN_STATE_QUEUED,
                  RUN_STATE_SUCCEEDED,
                  RUN_STATE_FAILED,
                  RUN_STATE_CANCELLED,
                  RUN_STATE_UNSPECIFIED,
                  UNRECOGNIZED ->
                  "run %s, which will learn it, is queued".formatted(run.getId());
            })
        .findFirst();
  }
}
