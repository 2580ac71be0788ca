/** Random numbers that are the same for a seed on every machine. */
@NullMarked
package io.millrace.tensor.random;

import org.jspecify.annotations.NullMarked;
