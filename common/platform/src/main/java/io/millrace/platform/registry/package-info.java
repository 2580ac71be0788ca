/** What services share in PostgreSQL: datasets, snapshots and model versions. */
@NullMarked
package io.millrace.platform.registry;

import org.jspecify.annotations.NullMarked;
