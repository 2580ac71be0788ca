package io.millrace.platform.web;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.millrace.platform.error.MillraceException;
import org.jspecify.annotations.Nullable;

/**
 * The share of a gRPC call in the memory for bodies: that of the message in hand, until the next
 * one comes or the call ends.
 */
final class MessageMemory extends ServerStreamTracer {
  private static final Context.Key<MessageMemory> KEY = Context.key("message-memory");

  private final BodyMemory.Share share;
  private @Nullable MillraceException refusal;
  private boolean ended;

  private MessageMemory(BodyMemory.Share share) {
    this.share = share;
  }

  /** For every call of a server. */
  static ServerStreamTracer.Factory factory(BodyMemory memory) {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new MessageMemory(memory.share());
      }
    };
  }

  /** That of the call whose message is being read; null outside of one. */
  static @Nullable MessageMemory current() {
    return KEY.get();
  }

  /**
   * A message has come, and the one before it is done with.
   *
   * @return whether there is room for it; if not, the call is refused from now on
   */
  synchronized boolean hold(long weight) {
    share.close();
    if (refusal == null && !ended) {
      try {
        share.take(weight);
      } catch (MillraceException e) {
        refusal = e;
      }
    }
    return refusal == null;
  }

  /** Why there was no room; null while there is. */
  synchronized @Nullable MillraceException refusal() {
    return refusal;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public synchronized void streamClosed(Status status) {
    ended = true;
    share.close();
  }
}
