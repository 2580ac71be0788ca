/** What a model costs before it exists: weights, bytes and arithmetic, counted from its shape. */
@NullMarked
package io.millrace.language.plan;

import org.jspecify.annotations.NullMarked;
