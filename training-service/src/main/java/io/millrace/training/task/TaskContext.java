package io.millrace.training.task;

import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.tensor.engine.TensorEngine;

/**
 * What a task is made for.
 *
 * @param engine that computes
 * @param dataset it learns from
 * @param preset of the model
 * @param options how it learns
 * @param objects where the dataset's files are
 */
public record TaskContext(
    TensorEngine engine,
    DatasetEntry dataset,
    Preset preset,
    TaskOptions options,
    ObjectStore objects) {}
