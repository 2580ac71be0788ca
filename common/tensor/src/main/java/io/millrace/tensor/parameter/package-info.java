/** Weights as named views of a few flat float32 buffers, initialised alike on every machine. */
@NullMarked
package io.millrace.tensor.parameter;

import org.jspecify.annotations.NullMarked;
