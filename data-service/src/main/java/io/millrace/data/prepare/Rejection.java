package io.millrace.data.prepare;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A document that goes to the dead letters.
 *
 * @param record as it was read
 * @param reason why
 */
record Rejection(ConsumerRecord<byte[], byte[]> record, String reason) {}
