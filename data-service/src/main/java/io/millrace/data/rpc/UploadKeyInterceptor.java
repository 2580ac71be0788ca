package io.millrace.data.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.millrace.data.upload.UploadKey;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Hands the metadata {@code idempotency-key} of a call on to who answers it. */
final class UploadKeyInterceptor implements ServerInterceptor {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of(UploadKey.HEADER.toLowerCase(Locale.ROOT), Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<String> KEY = Context.key("idempotency-key");

  /** The key of the call that is being answered; null if it has none. */
  static @Nullable String current() {
    return KEY.get();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String key = headers.get(HEADER);
    return key == null
        ? next.startCall(call, headers)
        : Contexts.interceptCall(Context.current().withValue(KEY, key), call, headers, next);
  }
}
