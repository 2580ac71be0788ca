/**
 * The way from documents to what serves, simulated: the platform's own classes and PostgreSQL, on a
 * log in memory, with crashes where a seed wants them.
 */
@NullMarked
package io.millrace.simulation;

import org.jspecify.annotations.NullMarked;
