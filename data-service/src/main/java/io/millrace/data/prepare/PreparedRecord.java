package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import java.util.OptionalLong;

/**
 * A record to be written.
 *
 * @param message its value
 * @param document offset of the document that it is of, where each has records of its own
 */
record PreparedRecord(MessageLite message, OptionalLong document) {}
