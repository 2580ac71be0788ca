package io.millrace.data.prepare;

/**
 * Where a document lies in its topic.
 *
 * @param partition of the topic
 * @param offset in the partition
 */
public record DocumentPlace(int partition, long offset) {}
