/** Starting libtorch in this process and choosing the device that computes. */
@NullMarked
package io.millrace.tensor.engine;

import org.jspecify.annotations.NullMarked;
