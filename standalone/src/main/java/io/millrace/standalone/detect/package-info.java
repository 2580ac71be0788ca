/** Finding objects in pictures with a detector of a running platform. */
@NullMarked
package io.millrace.standalone.detect;

import org.jspecify.annotations.NullMarked;
