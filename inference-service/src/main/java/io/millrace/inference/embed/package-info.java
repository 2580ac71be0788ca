/** Texts and pictures as vectors. */
@NullMarked
package io.millrace.inference.embed;

import org.jspecify.annotations.NullMarked;
