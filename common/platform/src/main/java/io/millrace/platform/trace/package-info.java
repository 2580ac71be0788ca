/** Traces over HTTP, gRPC and Kafka: W3C trace contexts, and the spans that no library makes. */
@NullMarked
package io.millrace.platform.trace;

import org.jspecify.annotations.NullMarked;
