/** The services' own images beside Kafka and PostgreSQL, by Testcontainers, and faults in them. */
@NullMarked
package io.millrace.standalone.containers;

import org.jspecify.annotations.NullMarked;
