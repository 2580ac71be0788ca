package io.millrace.tensor.optimizer;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.DeviceProgram;
import io.millrace.tensor.kernel.Kernels;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves weights with bfloat16 moments in one pass over the memory of a CUDA device, by a program of
 * its own.
 */
final class OnePassUpdate implements AdamWUpdate {

  private static final Logger LOG = LoggerFactory.getLogger(OnePassUpdate.class);

  private static final String WITHOUT = "millrace.tensor.without-device-programs";

  /** Weights of a thread of the program. */
  private static final int VECTOR = 4;

  private static final Map<TensorEngine, Boolean> TRIED = new ConcurrentHashMap<>();

  private final Kernels kernels;
  private final DeviceProgram program;
  private final AdamWSettings settings;

  /**
   * For a device on which it {@link #works}.
   *
   * @param settings with moments in bfloat16
   */
  OnePassUpdate(TensorEngine engine, AdamWSettings settings) {
    this.kernels = Kernels.shared(engine, AdamW.class, "adamw.py");
    this.program = DeviceProgram.shared(engine, AdamW.class, "adamw.cu");
    this.settings = settings;
  }

  /** Whether the device can, found out by comparing some steps with those of libtorch. */
  static boolean works(TensorEngine engine) {
    if (!engine.device().isGpu() || Boolean.getBoolean(WITHOUT)) {
      return false;
    }
    return TRIED.computeIfAbsent(engine, OnePassUpdate::attempt);
  }

  private static boolean attempt(TensorEngine engine) {
    try {
      AdamWSettings settings = UpdateTrial.SETTINGS;
      boolean equal =
          new UpdateTrial(engine)
              .agree(new OperationsUpdate(engine, settings), new OnePassUpdate(engine, settings));
      if (!equal) {
        LOG.warn(
            "AdamW in one pass is not used on {}: it computes something else", engine.device());
      }
      return equal;
    } catch (EngineException | IllegalStateException e) {
      LOG.info("AdamW in one pass is not used on {}: {}", engine.device(), e.getMessage());
      return false;
    }
  }

  @Override
  public double step(NDManager scratch, Buffers buffers, long step, double learningRate) {
    double norm =
        kernels.run(scratch, "global_norm", buffers.gradients()).singletonOrThrow().getDouble();
    if (Double.isFinite(norm)) {
      for (int group = 0; group < buffers.weights().size(); group++) {
        move(buffers, group, norm, step, learningRate);
      }
    }
    return norm;
  }

  private void move(Buffers buffers, int group, double norm, long step, double learningRate) {
    NDArray weights = buffers.weights().get(group);
    if (weights.size() % VECTOR != 0) {
      throw new IllegalArgumentException("not a flat buffer: " + weights.size() + " values");
    }
    long fours = weights.size() / VECTOR;
    program.start(
        "adamw",
        fours,
        weights,
        buffers.gradients().get(group),
        buffers.means().get(group),
        buffers.squares().get(group),
        fours,
        (float) Math.min(1, settings.maxGradientNorm() / norm),
        (float) (learningRate * buffers.weightDecays()[group]),
        (float) settings.beta1(),
        (float) settings.beta2(),
        (float) (learningRate / (1 - Math.pow(settings.beta1(), step))),
        (float) (1 / (1 - Math.pow(settings.beta2(), step))),
        (float) settings.epsilon());
  }
}
