/** Number formats of tensors, bfloat16 and float8 among them, and their raw bytes. */
@NullMarked
package io.millrace.tensor.number;

import org.jspecify.annotations.NullMarked;
