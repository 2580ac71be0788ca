/** The threads that compute for requests, and how many requests are taken on. */
@NullMarked
package io.millrace.inference.compute;

import org.jspecify.annotations.NullMarked;
