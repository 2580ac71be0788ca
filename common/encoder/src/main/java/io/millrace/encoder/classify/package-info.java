/**
 * Classifiers: texts, pictures or rows, an encoder or none, and a head; how they learn and what is
 * said of them.
 */
@NullMarked
package io.millrace.encoder.classify;

import org.jspecify.annotations.NullMarked;
