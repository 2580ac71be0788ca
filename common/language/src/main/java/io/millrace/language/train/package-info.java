/** Learning from packed sequences. */
@NullMarked
package io.millrace.language.train;

import org.jspecify.annotations.NullMarked;
