/** Pictures of requests, in whatever way they come. */
@NullMarked
package io.millrace.inference.picture;

import org.jspecify.annotations.NullMarked;
