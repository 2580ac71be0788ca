/** Nearest documents of a dataset, by the vectors of a model. */
@NullMarked
package io.millrace.inference.search;

import org.jspecify.annotations.NullMarked;
