/** A real Kafka broker and a real PostgreSQL, started from inside a Java process. */
@NullMarked
package io.millrace.embedded;

import org.jspecify.annotations.NullMarked;
