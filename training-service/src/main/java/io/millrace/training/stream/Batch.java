package io.millrace.training.stream;

/**
 * Some records and where the stream resumes after them.
 *
 * @param content ready to learn from
 * @param after position after the last of its records
 */
public record Batch<B>(B content, StreamPosition after) {}
