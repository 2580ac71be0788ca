/** Recipes of the documentation, run as they are printed. */
@NullMarked
package io.millrace.data.recipe;

import org.jspecify.annotations.NullMarked;
