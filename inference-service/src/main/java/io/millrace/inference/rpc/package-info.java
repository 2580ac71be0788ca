/** The same over gRPC. */
@NullMarked
package io.millrace.inference.rpc;

import org.jspecify.annotations.NullMarked;
