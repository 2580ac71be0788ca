package io.millrace.gateway.key;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusException;
import io.millrace.gateway.key.ApiKeys.ApiKey;
import io.millrace.platform.error.GrpcErrors;
import io.millrace.platform.security.OpenPaths;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Refuses every gRPC call without a valid API key, open methods excepted. */
public final class ApiKeyInterceptor implements ServerInterceptor {
  private static final Context.Key<ApiKey> KEY = Context.key("api-key");
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final ApiKeys keys;

  ApiKeyInterceptor(ApiKeys keys) {
    this.keys = keys;
  }

  /** The key of the call that this thread works on; null for an open method. */
  public static @Nullable ApiKey current() {
    return KEY.get();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (OpenPaths.isOpenMethod(call.getMethodDescriptor().getFullMethodName())) {
      return next.startCall(call, headers);
    }
    try {
      List<String> values = new ArrayList<>();
      Iterable<String> found = headers.getAll(AUTHORIZATION);
      if (found != null) {
        found.forEach(values::add);
      }
      ApiKey key = keys.authenticate(Bearer.key(values));
      if (key.scope() == ApiKeys.Scope.INFERENCE) {
        InferenceScope.requireMethod(call.getMethodDescriptor().getFullMethodName());
      }
      return Contexts.interceptCall(Context.current().withValue(KEY, key), call, headers, next);
    } catch (RuntimeException refused) {
      StatusException status = GrpcErrors.of(refused);
      Metadata trailers = status.getTrailers();
      call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
      return new ServerCall.Listener<>() {};
    }
  }
}
