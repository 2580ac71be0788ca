/**
 * Kernel files: TorchScript sources compiled to an archive by Java and called with tensors; and
 * what CUDA devices do beyond it, recorded calls and programs in CUDA C.
 */
@NullMarked
package io.millrace.tensor.kernel;

import org.jspecify.annotations.NullMarked;
