/** Documents that were rejected: why, and how they are prepared again. */
@NullMarked
package io.millrace.data.rejected;

import org.jspecify.annotations.NullMarked;
