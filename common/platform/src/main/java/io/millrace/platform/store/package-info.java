/** Objects under keys: the files of datasets and checkpoints. */
@NullMarked
package io.millrace.platform.store;

import org.jspecify.annotations.NullMarked;
