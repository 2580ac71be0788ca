package io.millrace.inference.runtime;

/**
 * A kind of model.
 *
 * @param task what runs and model versions call it, of {@code io.millrace.contracts.Tasks}
 * @param type what serves it
 * @param <R> what serves it
 */
public record Kind<R extends ModelRuntime>(String task, Class<R> type) {}
