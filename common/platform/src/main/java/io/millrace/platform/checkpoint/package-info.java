/** Directories of files that are hashed when published and verified before use. */
@NullMarked
package io.millrace.platform.checkpoint;

import org.jspecify.annotations.NullMarked;
