/** Which models serve, and what became of their checkpoints. */
@NullMarked
package io.millrace.inference.catalog;

import org.jspecify.annotations.NullMarked;
