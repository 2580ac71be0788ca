package io.millrace.platform.rpc;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.StatusException;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.GrpcErrors;
import io.millrace.platform.error.MillraceException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls of methods that are not there. gRPC's own answer repeats the name in full, and a
 * name that is long enough makes a trailer that ends the connection of whoever receives it.
 */
final class UnknownMethods extends HandlerRegistry {

  /** One for all names, so that no name of a caller's becomes one of a metric. */
  private static final MethodDescriptor<InputStream, InputStream> METHOD =
      MethodDescriptor.newBuilder(Nothing.INSTANCE, Nothing.INSTANCE)
          .setType(MethodDescriptor.MethodType.UNKNOWN)
          .setFullMethodName("millrace.Unknown/Method")
          .build();

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
    return ServerMethodDefinition.create(
        METHOD,
        (call, headers) -> {
          StatusException status =
              GrpcErrors.of(
                  new MillraceException(
                      ErrorCode.METHOD_NOT_ALLOWED, "there is no method '%s'".formatted(name)));
          Metadata trailers = status.getTrailers();
          call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
          return new ServerCall.Listener<>() {};
        });
  }

  /** Messages that nobody reads. */
  private enum Nothing implements MethodDescriptor.Marshaller<InputStream> {
    INSTANCE;

    @Override
    public InputStream stream(InputStream value) {
      return value;
    }

    @Override
    public InputStream parse(InputStream stream) {
      return InputStream.nullInputStream();
    }
  }
}
