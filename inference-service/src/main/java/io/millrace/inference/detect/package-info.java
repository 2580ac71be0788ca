/** Finding objects in pictures. */
@NullMarked
package io.millrace.inference.detect;

import org.jspecify.annotations.NullMarked;
