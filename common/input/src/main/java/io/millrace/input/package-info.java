/** What people write, JSON and numbers: how it is read, and in which words it is refused. */
@NullMarked
package io.millrace.input;

import org.jspecify.annotations.NullMarked;
