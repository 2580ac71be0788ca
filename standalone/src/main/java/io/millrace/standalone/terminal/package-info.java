/** What a person sees in a terminal: progress bars and tables. */
@NullMarked
package io.millrace.standalone.terminal;

import org.jspecify.annotations.NullMarked;
