/**
 * Threads that a service does its work with, watched: one that has ended takes no part any more.
 */
@NullMarked
package io.millrace.platform.vital;

import org.jspecify.annotations.NullMarked;
