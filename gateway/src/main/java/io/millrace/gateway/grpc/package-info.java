/** gRPC: calls passed on to the services byte by byte. */
@NullMarked
package io.millrace.gateway.grpc;

import org.jspecify.annotations.NullMarked;
