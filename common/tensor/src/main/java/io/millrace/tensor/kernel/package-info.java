/** Kernel files: TorchScript sources compiled to an archive by Java and called with tensors. */
@NullMarked
package io.millrace.tensor.kernel;

import org.jspecify.annotations.NullMarked;
