/** Runs: their lifecycle, storage and interfaces (REST, gRPC, events). */
@NullMarked
package io.millrace.training.run;

import org.jspecify.annotations.NullMarked;
