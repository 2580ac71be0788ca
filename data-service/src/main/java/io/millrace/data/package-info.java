/** The data service: datasets, documents, their preparation and snapshots. */
@NullMarked
package io.millrace.data;

import org.jspecify.annotations.NullMarked;
