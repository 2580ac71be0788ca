package io.millrace.tensor.kernel;

import io.millrace.tensor.engine.TensorEngine;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * Takes kernel calls of virtual threads to platform threads.
 *
 * <p>Grad mode and thread count belong to the thread of the operating system, and a virtual thread
 * may change its carrier between two native calls.
 */
final class PlatformThreads {

  private static final ThreadFactory DAEMONS =
      Thread.ofPlatform().name("millrace-kernel-", 0).daemon().factory();
  private static final ExecutorService POOL =
      Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), DAEMONS);

  private PlatformThreads() {}

  /** Runs the call on this thread if it is a platform thread, else on one of a few. */
  static <T> T call(Supplier<T> call) {
    if (!Thread.currentThread().isVirtual()) {
      TensorEngine.enterThread();
      return call.get();
    }
    return join(() -> {
      TensorEngine.enterThread();
      return call.get();
    });
  }

  private static <T> T join(Supplier<T> call) {
    boolean interrupted = false;
    Future<T> future = POOL.submit(call::get);
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          // A kernel cannot be stopped, and its arguments must outlive it.
          interrupted = true;
        } catch (ExecutionException e) {
          switch (e.getCause()) {
            case RuntimeException failure -> throw failure;
            case Error failure -> throw failure;
            case null, default -> throw new IllegalStateException(e);
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
