package io.millrace.inference.compute;

import io.grpc.Context;
import io.millrace.platform.error.ClientGoneException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Who waits for what the current thread has computed: the client of its request. */
public final class Client {
  private static final ScopedValue<Client> CURRENT = ScopedValue.newInstance();

  private final AtomicReference<@Nullable Runnable> whenLeft = new AtomicReference<>();
  private final @Nullable Context call;
  private volatile boolean left;

  /** A client over HTTP, who is there until {@link #leave} is called. */
  public Client() {
    this(/* call= */ null);
  }

  private Client(@Nullable Context call) {
    this.call = call;
  }

  /** The client of the request that this thread works on; one who never leaves if there is none. */
  public static Client current() {
    return CURRENT.isBound() ? CURRENT.get() : new Client(Context.current());
  }

  /** Does something on behalf of this client. */
  public <X extends Exception> void serve(ScopedValue.CallableOp<@Nullable Void, X> work) throws X {
    ScopedValue.where(CURRENT, this).call(work);
  }

  /** Whether the client has gone. */
  public boolean hasLeft() {
    Context rpc = call;
    return left || (rpc != null && rpc.isCancelled());
  }

  /**
   * Checks that somebody waits for the answer.
   *
   * @throws ClientGoneException if not
   */
  public void requireThere() {
    if (hasLeft()) {
      throw new ClientGoneException();
    }
  }

  /** What is to happen at once when the client leaves; at most one thing at a time, over HTTP. */
  public void whenLeft(Runnable action) {
    whenLeft.set(action);
    if (left) {
      leave();
    }
  }

  /** The client has gone. */
  public void leave() {
    left = true;
    Runnable action = whenLeft.getAndSet(null);
    if (action != null) {
      action.run();
    }
  }
}
