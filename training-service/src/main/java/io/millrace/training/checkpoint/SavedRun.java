package io.millrace.training.checkpoint;

import java.nio.file.Path;

/**
 * Where a run goes on.
 *
 * @param version of the model
 * @param directory with the task's files, verified
 * @param state the rest
 */
public record SavedRun(int version, Path directory, TrainerState state) {}
