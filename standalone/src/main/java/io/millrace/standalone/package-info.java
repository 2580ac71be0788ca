/** The command line: all services in one JVM, and the demonstration of the main job. */
@NullMarked
package io.millrace.standalone;

import org.jspecify.annotations.NullMarked;
