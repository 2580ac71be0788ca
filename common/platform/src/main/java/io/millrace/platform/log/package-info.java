/** What logs need so that nobody drowns in them. */
@NullMarked
package io.millrace.platform.log;

import org.jspecify.annotations.NullMarked;
