package io.millrace.gateway.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;

/** Tells in the headers of every answer by which trace id logs and traces know the call. */
final class TraceIdInterceptor implements ServerInterceptor {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("x-trace-id", Metadata.ASCII_STRING_MARSHALLER);

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    SpanContext context = Span.current().getSpanContext();
    if (!context.isValid()) {
      return next.startCall(call, headers);
    }
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void sendHeaders(Metadata answer) {
            answer.put(HEADER, context.getTraceId());
            super.sendHeaders(answer);
          }
        },
        headers);
  }
}
