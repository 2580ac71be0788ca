package io.millrace.platform.rpc;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusException;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.GrpcErrors;
import io.millrace.platform.error.MillraceException;
import org.jspecify.annotations.Nullable;

/**
 * A call that hands on what was received as long as it is right, and else ends it.
 *
 * @param <Q> requests
 * @param <R> answers
 */
final class CheckedCall<Q, R> extends ServerCall<Q, R> {
  private final ServerCall<Received<Q>, R> call;
  private final MethodDescriptor<Q, R> method;
  private final MessageTimer.Wait wait;
  private boolean closed;

  CheckedCall(ServerCall<Received<Q>, R> call, MethodDescriptor<Q, R> method, MessageTimer timer) {
    this.call = call;
    this.method = method;
    this.wait = timer.wait(() -> end(late(timer)));
  }

  /** What is to be told about the call's messages, on behalf of its method. */
  ServerCall.Listener<Received<Q>> listener(ServerCall.Listener<Q> target) {
    return new Checked(target);
  }

  private static MillraceException late(MessageTimer timer) {
    return new MillraceException(
        ErrorCode.REQUEST_TIMEOUT,
        "no message came for %s; the call is ended".formatted(timer.longest()));
  }

  /** Ends the call unless it has ended; whether this did. */
  private boolean end(Throwable why) {
    StatusException status = GrpcErrors.of(why);
    Metadata trailers = status.getTrailers();
    synchronized (this) {
      if (closed) {
        return false;
      }
      closed = true;
      call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    }
    wait.end();
    return true;
  }

  @Override
  public void close(Status status, Metadata trailers) {
    wait.end();
    synchronized (this) {
      if (!closed) {
        closed = true;
        call.close(status, trailers);
      }
    }
  }

  @Override
  public void request(int messages) {
    wait.begin();
    call.request(messages);
  }

  @Override
  public void sendHeaders(Metadata headers) {
    synchronized (this) {
      if (!closed) {
        call.sendHeaders(headers);
      }
    }
  }

  @Override
  public void sendMessage(R message) {
    synchronized (this) {
      if (!closed) {
        call.sendMessage(message);
      }
    }
  }

  @Override
  public boolean isReady() {
    return call.isReady();
  }

  @Override
  public boolean isCancelled() {
    synchronized (this) {
      return closed || call.isCancelled();
    }
  }

  @Override
  public void setOnReadyThreshold(int bytes) {
    call.setOnReadyThreshold(bytes);
  }

  @Override
  public void setMessageCompression(boolean enabled) {
    call.setMessageCompression(enabled);
  }

  @Override
  public void setCompression(String compressor) {
    call.setCompression(compressor);
  }

  @Override
  public SecurityLevel getSecurityLevel() {
    return call.getSecurityLevel();
  }

  @Override
  public Attributes getAttributes() {
    return call.getAttributes();
  }

  @Override
  public @Nullable String getAuthority() {
    return call.getAuthority();
  }

  @Override
  public MethodDescriptor<Q, R> getMethodDescriptor() {
    return method;
  }

  private final class Checked extends ServerCall.Listener<Received<Q>> {
    private final ServerCall.Listener<Q> target;
    private boolean refused;
    private boolean one;

    Checked(ServerCall.Listener<Q> target) {
      this.target = target;
    }

    @Override
    public void onMessage(Received<Q> received) {
      wait.pause();
      if (refused) {
        return;
      }
      if (one && method.getType().clientSendsOneMessage()) {
        refuse(MillraceException.invalid("", count("there are more")));
        return;
      }
      one = true;
      switch (received) {
        case Received.Whole<Q>(Q message) -> {
          if (method.getType().clientSendsOneMessage()) {
            // For the end of the request.
            wait.begin();
          }
          target.onMessage(message);
        }
        case Received.Unreadable<Q>(Throwable cause) -> refuse(cause);
      }
    }

    @Override
    public void onHalfClose() {
      wait.end();
      if (refused) {
        return;
      }
      if (!one && method.getType().clientSendsOneMessage()) {
        refuse(MillraceException.invalid("", count("there is none")));
        return;
      }
      target.onHalfClose();
    }

    private String count(String found) {
      return "%s takes one message, %s".formatted(method.getFullMethodName(), found);
    }

    private void refuse(Throwable why) {
      refused = true;
      if (end(why)) {
        // The method may be in the middle of a stream.
        target.onCancel();
      }
    }

    @Override
    public void onCancel() {
      wait.end();
      if (!refused) {
        target.onCancel();
      }
    }

    @Override
    public void onComplete() {
      wait.end();
      if (!refused) {
        target.onComplete();
      }
    }

    @Override
    public void onReady() {
      if (!refused) {
        target.onReady();
      }
    }
  }
}
