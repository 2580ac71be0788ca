/** Classifying with a model of a running platform. */
@NullMarked
package io.millrace.standalone.classify;

import org.jspecify.annotations.NullMarked;
