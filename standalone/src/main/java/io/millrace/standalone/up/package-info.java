/** Embedded servers and all services, started and stopped together. */
@NullMarked
package io.millrace.standalone.up;

import org.jspecify.annotations.NullMarked;
