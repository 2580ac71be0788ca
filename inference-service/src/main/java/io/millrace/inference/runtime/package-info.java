/** What serves a model of a kind; swapping knows no more of it. */
@NullMarked
package io.millrace.inference.runtime;

import org.jspecify.annotations.NullMarked;
