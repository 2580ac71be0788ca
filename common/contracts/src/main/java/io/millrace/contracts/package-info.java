/** What the services say to each other: topic names, event types and generated messages. */
@NullMarked
package io.millrace.contracts;

import org.jspecify.annotations.NullMarked;
