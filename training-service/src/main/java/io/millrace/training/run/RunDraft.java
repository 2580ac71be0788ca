package io.millrace.training.run;

/**
 * A request for a run as a client made it: unchecked, and 0 where the default is wanted. Fields as
 * in {@link RunRequest}; integers are wide enough for whatever a client can send.
 */
record RunDraft(
    String model,
    String task,
    String dataset,
    long snapshot,
    String preset,
    long steps,
    long batchSize,
    double learningRate,
    long checkpointEvery,
    boolean checkpointAtStart,
    long seed,
    long accumulation,
    long recomputeEvery,
    double emaDecay,
    String documents,
    String precision) {}
