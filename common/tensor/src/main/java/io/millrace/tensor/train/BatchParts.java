package io.millrace.tensor.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Parts of a batch side by side, each on a thread of its own with one processor thread. Threads
 * within every operation would wait for one another at the end of each, and for the operations that
 * cannot be spread at all.
 *
 * <p>Results are added up in the order of the parts, so that they depend on how many there are and
 * not on which is done first. Not for use by several threads at once.
 */
public final class BatchParts implements AutoCloseable {

  private final ParameterStore weights;
  private final Kernels kernels;

  /** Those of all parts but the first. */
  private final List<FlatTensors> others = new ArrayList<>();

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().name("millrace-gradients-", 0).daemon().factory());

  /** For gradients of the learned ones of these weights. */
  public BatchParts(TensorEngine engine, ParameterStore weights) {
    this.weights = weights;
    this.kernels = Kernels.shared(engine, Trainer.class, "trainer.py");
  }

  /** A part of a batch. */
  @FunctionalInterface
  public interface Part {

    /** As {@link Learner.Step#addGradients}, for this part. */
    NDList addGradients(NDManager results, FlatTensors gradients);
  }

  /**
   * Into how many parts the calling thread best splits a batch: one for each processor thread that
   * it may use, and one on a device that computes on its own.
   *
   * @param examples that the batch has
   */
  public static int count(TensorEngine engine, int examples) {
    return engine.device().isGpu() ? 1 : Math.min(TensorEngine.threads(), examples);
  }

  /**
   * Adds the gradients of all parts.
   *
   * @param results owns what is returned
   * @param parts run at the same time; a single one runs on the calling thread with all its threads
   * @return the sums of what the parts return
   */
  public NDList add(NDManager results, FlatTensors gradients, List<Part> parts) {
    if (parts.size() == 1) {
      return parts.getFirst().addGradients(results, gradients);
    }
    while (others.size() < parts.size() - 1) {
      others.add(weights.newLearnedZeros());
    }
    List<Supplier<NDList>> running = new ArrayList<>();
    running.add(() -> parts.getFirst().addGradients(results, gradients));
    for (int i = 1; i < parts.size(); i++) {
      Part part = parts.get(i);
      FlatTensors own = others.get(i - 1);
      running.add(() -> {
        own.clear();
        return part.addGradients(results, own);
      });
    }
    List<NDList> found = run(running);
    NDList sums = found.getFirst();
    for (int i = 1; i < parts.size(); i++) {
      kernels.runForReading(results, "add_up", sums, found.get(i));
      kernels.runForReading(results, "add_up", gradients.buffers(), others.get(i - 1).buffers());
    }
    return sums;
  }

  /**
   * Runs something for each part; a single one on the calling thread with all its threads.
   *
   * @return what they return, in their order
   */
  public <T> List<T> run(List<Supplier<T>> parts) {
    if (parts.size() == 1) {
      return List.of(parts.getFirst().get());
    }
    List<Future<T>> running = new ArrayList<>();
    for (Supplier<T> part : parts) {
      running.add(
          threads.submit(() -> {
            TensorEngine.enterThread();
            return part.get();
          }));
    }
    return join(running);
  }

  /** Waits for all of them, even if one fails: they write to what is the caller's. */
  private static <T> List<T> join(List<Future<T>> running) {
    List<T> found = new ArrayList<>();
    Throwable failure = null;
    boolean interrupted = false;
    for (Future<T> one : running) {
      boolean done = false;
      while (!done) {
        try {
          found.add(one.get());
          done = true;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          failure = failure == null ? e.getCause() : failure;
          done = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return switch (failure) {
      case null -> found;
      case RuntimeException exception -> throw exception;
      case Error error -> throw error;
      default -> throw new IllegalStateException(failure);
    };
  }

  @Override
  public void close() {
    threads.shutdown();
    others.forEach(FlatTensors::close);
  }
}
