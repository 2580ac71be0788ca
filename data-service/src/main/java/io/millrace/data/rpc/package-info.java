/** The data service over gRPC. */
@NullMarked
package io.millrace.data.rpc;

import org.jspecify.annotations.NullMarked;
