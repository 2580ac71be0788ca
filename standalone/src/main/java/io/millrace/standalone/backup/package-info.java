/** Copies of a home directory: taken, checked and put back. */
@NullMarked
package io.millrace.standalone.backup;

import org.jspecify.annotations.NullMarked;
