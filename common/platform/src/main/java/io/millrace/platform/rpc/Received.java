package io.millrace.platform.rpc;

import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.InputStream;

/**
 * What came as a message. That it cannot be read is a value, not an exception: gRPC would answer
 * one that a marshaller throws with UNKNOWN.
 *
 * @param <Q> the message
 */
sealed interface Received<Q> {

  /** A message. */
  record Whole<Q>(Q message) implements Received<Q> {}

  /** None, and why. */
  record Unreadable<Q>(Throwable cause) implements Received<Q> {}

  /** Reads messages so. */
  record Reader<Q>(String method, Marshaller<Q> marshaller) implements Marshaller<Received<Q>> {

    @Override
    public Received<Q> parse(InputStream stream) {
      try {
        return new Whole<>(marshaller.parse(stream));
      } catch (StatusRuntimeException e) {
        // Only what was packed and is too large in full says so here.
        return new Unreadable<>(
            e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED ? e : malformed(e));
      } catch (RuntimeException e) {
        return new Unreadable<>(malformed(e));
      }
    }

    @Override
    public InputStream stream(Received<Q> received) {
      throw new IllegalStateException("a server sends no requests");
    }

    private MillraceException malformed(Throwable cause) {
      return new MillraceException(
          ErrorCode.INVALID_ARGUMENT,
          "the message is not what %s takes: it is no protobuf of that type, or packed wrongly"
              .formatted(method),
          null,
          cause);
    }
  }
}
