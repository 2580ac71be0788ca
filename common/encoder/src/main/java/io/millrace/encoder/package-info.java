/** What turns texts, pictures and rows into vectors, and what is learned with them. */
@NullMarked
package io.millrace.encoder;

import org.jspecify.annotations.NullMarked;
