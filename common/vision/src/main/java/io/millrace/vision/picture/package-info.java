/** Pictures as RGB bytes: decoded within limits, letterboxed, painted on. */
@NullMarked
package io.millrace.vision.picture;

import org.jspecify.annotations.NullMarked;
