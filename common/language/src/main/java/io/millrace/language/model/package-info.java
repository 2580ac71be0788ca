/** The decoder: layout of its weights, its kernels, and its folder. */
@NullMarked
package io.millrace.language.model;

import org.jspecify.annotations.NullMarked;
