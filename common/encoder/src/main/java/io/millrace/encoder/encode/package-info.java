/** Texts and pictures as vectors: encoders and contexts, composed of parts, and their models. */
@NullMarked
package io.millrace.encoder.encode;

import org.jspecify.annotations.NullMarked;
