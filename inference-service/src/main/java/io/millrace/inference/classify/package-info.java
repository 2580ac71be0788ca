/** Classification: texts, pictures and rows in, classes with their probabilities out. */
@NullMarked
package io.millrace.inference.classify;

import org.jspecify.annotations.NullMarked;
