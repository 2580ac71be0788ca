package io.millrace.gateway.grpc;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/**
 * Two calls tied together: what the caller sends goes to the service, what the service answers goes
 * to the caller, one message at a time. A side that cannot take a message makes the other wait: a
 * message is asked for only when the one before could be written without being queued.
 */
final class ProxiedCall {
  private final String service;
  private final ServerCall<byte[], byte[]> serverCall;
  private final ClientCall<byte[], byte[]> clientCall;
  private final boolean oneMessage;
  private final Requests requests = new Requests();
  private final Answers answers = new Answers();

  ProxiedCall(
      String service,
      ServerCall<byte[], byte[]> serverCall,
      ClientCall<byte[], byte[]> clientCall) {
    this.service = service;
    this.serverCall = serverCall;
    this.clientCall = clientCall;
    this.oneMessage = serverCall.getMethodDescriptor().getType().clientSendsOneMessage();
  }

  /**
   * Asks both sides for their first message; a caller who may send one only for the next, too, so
   * that it is refused at once: nothing is sent on before the end of such a request.
   */
  void begin() {
    serverCall.request(oneMessage ? 2 : 1);
    clientCall.request(1);
  }

  ServerCall.Listener<byte[]> requests() {
    return requests;
  }

  ClientCall.Listener<byte[]> answers() {
    return answers;
  }

  /** What comes from the caller. */
  private final class Requests extends ServerCall.Listener<byte[]> {
    private boolean waiting;

    @Override
    public void onMessage(byte[] message) {
      clientCall.sendMessage(message);
      if (oneMessage) {
        return;
      }
      synchronized (this) {
        waiting = !clientCall.isReady();
        if (waiting) {
          return;
        }
      }
      serverCall.request(1);
    }

    @Override
    public void onHalfClose() {
      clientCall.halfClose();
    }

    @Override
    public void onCancel() {
      clientCall.cancel("the caller has gone", /* cause= */ null);
    }

    /** The caller can take more: so the service may send more. */
    @Override
    public void onReady() {
      answers.resume();
    }

    void resume() {
      synchronized (this) {
        if (!waiting) {
          return;
        }
        waiting = false;
      }
      serverCall.request(1);
    }
  }

  /** What comes from the service. */
  private final class Answers extends ClientCall.Listener<byte[]> {
    private boolean waiting;

    @Override
    public void onHeaders(Metadata headers) {
      serverCall.sendHeaders(headers);
    }

    @Override
    public void onMessage(byte[] message) {
      serverCall.sendMessage(message);
      synchronized (this) {
        waiting = !serverCall.isReady();
        if (waiting) {
          return;
        }
      }
      clientCall.request(1);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      serverCall.close(ServiceStatus.passed(service, status), trailers);
    }

    /** The service can take more: so the caller may send more. */
    @Override
    public void onReady() {
      requests.resume();
    }

    void resume() {
      synchronized (this) {
        if (!waiting) {
          return;
        }
        waiting = false;
      }
      clientCall.request(1);
    }
  }
}
