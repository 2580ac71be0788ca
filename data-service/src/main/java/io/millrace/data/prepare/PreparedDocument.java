package io.millrace.data.prepare;

import io.millrace.contracts.Topics.Split;

/**
 * A document with records of its own.
 *
 * @param id of the document
 * @param place of the document
 * @param split of its records
 * @param firstRecord sequence number of its first record
 * @param records how many it has
 */
record PreparedDocument(
    String id, DocumentPlace place, Split split, long firstRecord, int records) {}
