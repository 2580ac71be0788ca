package io.millrace.data.prepare;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Consecutive documents of one partition that are prepared together.
 *
 * @param records in order of their offsets; may be empty where the log holds no documents
 * @param nextOffset where the next window begins
 */
record Window(List<ConsumerRecord<byte[], byte[]>> records, long nextOffset) {}
