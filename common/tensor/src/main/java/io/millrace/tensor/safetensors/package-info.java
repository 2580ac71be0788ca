/** Reading and writing safetensors files of any size, without trusting what they say. */
@NullMarked
package io.millrace.tensor.safetensors;

import org.jspecify.annotations.NullMarked;
