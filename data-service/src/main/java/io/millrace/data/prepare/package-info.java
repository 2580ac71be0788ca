/**
 * Turns documents into training records, a window a Kafka transaction: nothing lost, nothing twice.
 */
@NullMarked
package io.millrace.data.prepare;

import org.jspecify.annotations.NullMarked;
