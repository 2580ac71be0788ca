/** Datasets: what they are, their topics, and what became of their documents. */
@NullMarked
package io.millrace.data.dataset;

import org.jspecify.annotations.NullMarked;
