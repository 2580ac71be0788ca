package io.millrace.inference.generate;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.InferenceProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.tensor.engine.TensorEngine;
import jakarta.annotation.PreDestroy;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * The threads that compute, one operation thread each, and the bounded queue in front of them.
 *
 * <p>Platform threads: libtorch keeps settings for each of them.
 */
@Component
public class ComputePool {

  private final ThreadPoolExecutor threads;

  ComputePool(InferenceProperties properties, MeterRegistry meters) {
    ThreadFactory factory = Thread.ofPlatform().name("compute-", 0).factory();
    this.threads =
        new ThreadPoolExecutor(
            properties.streams(),
            properties.streams(),
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(properties.queue()),
            task ->
                factory.newThread(() -> {
                  TensorEngine.enterThread(1);
                  task.run();
                }));
    meters.gauge(InferenceMetric.RUNNING.id(), threads, ThreadPoolExecutor::getActiveCount);
    meters.gauge(InferenceMetric.WAITING.id(), threads, pool -> pool.getQueue().size());
  }

  /**
   * Computes when a thread is free.
   *
   * @throws MillraceException OVERLOADED if the queue is full
   */
  public <T> Future<T> submit(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      threads.execute(() -> {
        try {
          result.complete(work.call());
        } catch (Throwable e) {
          result.completeExceptionally(e);
        }
      });
    } catch (RejectedExecutionException e) {
      throw new MillraceException(
          ErrorCode.OVERLOADED, "too many requests wait already; try again in a moment", e);
    }
    return result;
  }

  /** Computes when a thread is free, and waits for it. */
  public <T> T call(Callable<T> work) {
    try {
      return submit(work).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MillraceException.unavailable("the service is stopping");
    }
  }

  @PreDestroy
  void close() {
    threads.shutdown();
  }
}
