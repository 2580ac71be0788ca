/** The process as a whole: how it is told to end, and what must have stopped before it does. */
@NullMarked
package io.millrace.standalone.process;

import org.jspecify.annotations.NullMarked;
