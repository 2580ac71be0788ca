package io.millrace.data.prepare;

import io.millrace.data.log.PartitionProgress;
import java.util.List;

/**
 * What one window of documents became.
 *
 * @param train records of the training topic
 * @param heldout records of the held-out topic
 * @param rejections documents that became no records
 * @param after progress once all of this is committed; the topics' ends are not known yet
 */
record WindowResult(
    List<PreparedRecord> train,
    List<PreparedRecord> heldout,
    List<Rejection> rejections,
    PartitionProgress after) {}
