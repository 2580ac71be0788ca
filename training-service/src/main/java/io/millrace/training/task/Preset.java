package io.millrace.training.task;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A named model configuration with the defaults of its runs.
 *
 * @param name as clients spell it
 * @param folder with the configuration; null: built in
 * @param batchSize packed sequences or samples in a step
 * @param learningRate peak of the schedule
 */
public record Preset(String name, @Nullable Path folder, int batchSize, double learningRate) {}
