package io.millrace.platform.web;

import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusException;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.GrpcErrors;
import io.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;

/**
 * Refuses gRPC messages with fields that this version does not know, at any depth: protobuf would
 * ignore them, and a client would not learn that what it asked for does not happen.
 */
final class UnknownFields implements ServerInterceptor {

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (refused) {
          return;
        }
        List<String> unknown = message instanceof Message known ? in(known) : List.of();
        if (unknown.isEmpty()) {
          super.onMessage(message);
          return;
        }
        refused = true;
        refuse(call, unknown);
        // A service that takes a stream may be in the middle of it.
        super.onCancel();
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }
    };
  }

  /** Fields of a message that are unknown, like {@code millrace.data.v1.Box.17}. */
  static List<String> in(Message message) {
    List<String> found = new ArrayList<>();
    collect(message, found);
    return found;
  }

  private static void collect(Message message, List<String> found) {
    String type = message.getDescriptorForType().getFullName();
    message.getUnknownFields().asMap().keySet().forEach(number -> found.add(type + "." + number));
    for (var field : message.getAllFields().entrySet()) {
      if (field.getKey().getJavaType() != JavaType.MESSAGE) {
        continue;
      }
      switch (field.getValue()) {
        case Message inner -> collect(inner, found);
        case List<?> list -> list.forEach(inner -> collect((Message) inner, found));
        default -> throw new IllegalStateException("not a message: " + field.getKey());
      }
    }
  }

  private static void refuse(ServerCall<?, ?> call, List<String> unknown) {
    StatusException status =
        GrpcErrors.of(
            new MillraceException(
                ErrorCode.INVALID_ARGUMENT,
                "unknown field numbers: " + String.join(", ", unknown)));
    Metadata trailers = status.getTrailers();
    call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
  }
}
