/** CloudEvents on Kafka: written through an outbox, read from the log, poison set aside. */
@NullMarked
package io.millrace.platform.event;

import org.jspecify.annotations.NullMarked;
