/** Commands about one language model: planning, exporting, importing and scoring it. */
@NullMarked
package io.millrace.standalone.model;

import org.jspecify.annotations.NullMarked;
