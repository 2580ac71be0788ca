/** What a platform holds on to that it does not need any more. */
@NullMarked
package io.millrace.benchmarks.rest;

import org.jspecify.annotations.NullMarked;
