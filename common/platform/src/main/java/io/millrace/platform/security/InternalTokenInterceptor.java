package io.millrace.platform.security;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusException;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.GrpcErrors;
import io.millrace.platform.error.MillraceException;
import java.util.Locale;

/** Refuses every gRPC call without a valid {@link InternalToken}, open methods excepted. */
final class InternalTokenInterceptor implements ServerInterceptor {
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of(
          InternalToken.HEADER.toLowerCase(Locale.ROOT), Metadata.ASCII_STRING_MARSHALLER);

  private final InternalToken tokens;

  InternalTokenInterceptor(InternalToken tokens) {
    this.tokens = tokens;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (OpenPaths.isOpenMethod(call.getMethodDescriptor().getFullMethodName())) {
      return next.startCall(call, headers);
    }
    try {
      String token = headers.get(TOKEN);
      if (token == null) {
        throw new MillraceException(ErrorCode.UNAUTHENTICATED, "call the gateway, not the service");
      }
      Caller caller = tokens.verifyCaller(token);
      return Contexts.interceptCall(
          Context.current().withValue(Caller.GRPC, caller), call, headers, next);
    } catch (MillraceException refused) {
      StatusException status = GrpcErrors.of(refused);
      Metadata trailers = status.getTrailers();
      call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
      return new ServerCall.Listener<>() {};
    }
  }
}
