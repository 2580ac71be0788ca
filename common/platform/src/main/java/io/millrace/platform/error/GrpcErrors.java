package io.millrace.platform.error;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Failures as gRPC statuses, with the trailer {@code millrace-code}. A service method may throw any
 * exception, or hand one to {@code StreamObserver.onError}: the platform converts both.
 */
public final class GrpcErrors {
  static final Metadata.Key<String> CODE =
      Metadata.Key.of("millrace-code", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<String> PARAMETER =
      Metadata.Key.of("millrace-parameter-bin", new Utf8Marshaller());

  /** After how many milliseconds to try again; gRPC's own clients read it. */
  static final Metadata.Key<String> RETRY =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private static final String SOON = "1000";

  private GrpcErrors() {}

  /** The status of an exception; a gRPC status stays what it is, with a text that can be sent. */
  public static StatusException of(Throwable thrown) {
    if (thrown instanceof StatusException status) {
      return sendable(status.getStatus()).asException(orNone(status.getTrailers()));
    }
    if (thrown instanceof StatusRuntimeException status) {
      return sendable(status.getStatus()).asException(orNone(status.getTrailers()));
    }
    if (Failures.isClientGone(thrown)) {
      return Status.CANCELLED.withDescription("the client has gone").asException();
    }
    Failure failure = Failures.of(thrown);
    Metadata trailers = new Metadata();
    trailers.put(CODE, failure.code().code());
    if (failure.parameter() != null) {
      trailers.put(PARAMETER, failure.parameter());
    }
    if (failure.code() == ErrorCode.OVERLOADED) {
      trailers.put(RETRY, SOON);
    }
    return sendable(Status.fromCode(failure.code().grpc()).withDescription(failure.message()))
        .asException(trailers);
  }

  private static Status sendable(Status status) {
    String text = status.getDescription();
    return text == null ? status : status.withDescription(Shortened.forStatus(text));
  }

  private static Metadata orNone(@Nullable Metadata trailers) {
    return trailers == null ? new Metadata() : trailers;
  }

  /** Parameter names come from clients and may be any text. */
  private static final class Utf8Marshaller implements Metadata.BinaryMarshaller<String> {
    @Override
    public byte[] toBytes(String value) {
      return value.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    @Override
    public String parseBytes(byte[] serialized) {
      return new String(serialized, java.nio.charset.StandardCharsets.UTF_8);
    }
  }
}
