package io.millrace.training.task;

import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.tensor.engine.TensorEngine;

/**
 * What a training is opened for.
 *
 * @param engine that computes
 * @param dataset it learns from
 * @param options how it learns
 * @param objects where the dataset's files are
 * @param steps of the whole run
 */
public record TaskContext<O extends Record>(
    TensorEngine engine, DatasetEntry dataset, O options, ObjectStore objects, long steps) {}
