/** Snapshots: immutable offset ranges of a dataset's records, with their digest. */
@NullMarked
package io.millrace.data.snapshot;

import org.jspecify.annotations.NullMarked;
