/** What a person sees in a terminal: progress bars, tables, and what can be put right. */
@NullMarked
package io.millrace.standalone.terminal;

import org.jspecify.annotations.NullMarked;
