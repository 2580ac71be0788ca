package io.millrace.tensor.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A kernel call that can be made again and again, see {@link Kernels#record}: on a CUDA device all
 * that it started is started at once, which costs the processor as much as a single operation. What
 * a call returns is dropped; its results are what it writes to its arguments.
 *
 * <p>Safe for use by several threads, whose calls the device makes one after the other.
 */
public final class RecordedCall implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RecordedCall.class);

  private static final Map<TensorEngine, Boolean> TRIED = new ConcurrentHashMap<>();

  private final Runnable call;
  private final Runnable end;

  RecordedCall(Runnable call, Runnable end) {
    this.call = call;
    this.end = end;
  }

  /** Whether calls can be recorded, found out by recording one; always on a processor. */
  public static boolean works(TensorEngine engine) {
    return TRIED.computeIfAbsent(engine, RecordedCall::attempt);
  }

  private static boolean attempt(TensorEngine engine) {
    if (!engine.device().isGpu()) {
      return true;
    }
    Kernels kernels = Kernels.shared(engine, RecordedCall.class, "recorded.py");
    try (NDManager scratch = engine.newManager()) {
      NDArray x = scratch.ones(new Shape(3));
      NDArray y = scratch.zeros(new Shape(3));
      try (RecordedCall recorded = kernels.record("double_", x, y)) {
        x.muli(3);
        recorded.again();
        return y.sum().getFloat() == 18;
      }
    } catch (RuntimeException e) {
      LOG.info("steps of {} are not recorded: {}", engine.device(), e.getMessage());
      return false;
    }
  }

  /** Makes the call with the same arguments, which hold what has been written to them since. */
  public void again() {
    PlatformThreads.call(() -> {
      call.run();
      return true;
    });
  }

  @Override
  public void close() {
    end.run();
  }
}
