package io.millrace.training.run;

import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.RetentionJson;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request for a run as a client made it: unchecked, and 0 or empty where the default is wanted.
 * Fields as in {@link RunRequest}; integers are wide enough for whatever a client can send.
 *
 * @param steps null: missing
 * @param replace whether the model may exist already
 * @param options what is none of the other fields, by name
 */
record RunDraft(
    String model,
    String task,
    String dataset,
    long snapshot,
    String preset,
    @Nullable Long steps,
    long batchSize,
    double learningRate,
    String schedule,
    long checkpointEvery,
    boolean checkpointAtStart,
    long seed,
    String from,
    boolean replace,
    @Nullable PolicyJson policy,
    @Nullable RetentionJson retention,
    Map<String, ?> options) {}
