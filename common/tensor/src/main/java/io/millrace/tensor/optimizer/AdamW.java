package io.millrace.tensor.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.TensorInfo;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2) and
 * clipping by the global norm of all gradients, on one flat buffer a group: the same weights for
 * the same gradients whatever the number of threads.
 *
 * <p>Not for use by several threads at once.
 */
public final class AdamW implements AutoCloseable {

  private static final String STEP = "step";
  private static final String MEAN = "exp_avg.";
  private static final String SQUARE = "exp_avg_sq.";

  private final TensorEngine engine;
  private final AdamWUpdate update;
  private final AdamWSettings settings;
  private final ParameterStore parameters;
  private final FlatTensors means;
  private final FlatTensors squares;
  private NDManager stateManager;

  private long steps;

  public AdamW(TensorEngine engine, ParameterStore parameters, AdamWSettings settings) {
    this.engine = engine;
    this.update = AdamWUpdate.of(engine, settings);
    this.settings = settings;
    this.parameters = parameters;
    this.means = parameters.newLearnedZeros(settings.moments());
    try {
      this.squares = parameters.newLearnedZeros(settings.moments());
    } catch (RuntimeException | Error e) {
      means.close();
      throw e;
    }
    this.stateManager = engine.newManager();
  }

  /**
   * Updates the weights.
   *
   * @param gradients made by {@link ParameterStore#newLearnedZeros()} of the same store; what they
   *     hold afterwards is not said
   * @return the global norm of the gradients before clipping
   * @throws NonFiniteGradientException if the norm is not finite; nothing was changed
   */
  public double step(FlatTensors gradients, double learningRate) {
    if (!gradients.specs().equals(parameters.learnedSpecs())) {
      throw new IllegalArgumentException("the gradients are not laid out for these parameters");
    }
    if (!(learningRate >= 0) || Double.isInfinite(learningRate)) {
      throw new IllegalArgumentException("not a learning rate: " + learningRate);
    }
    NDList flat = gradients.buffers();
    AdamWUpdate.Buffers buffers =
        new AdamWUpdate.Buffers(
            // The buffer of what is not learned comes last, and gradients have none.
            new NDList(parameters.weights().buffers().subList(0, flat.size())),
            flat,
            means.buffers(),
            squares.buffers(),
            weightDecays(gradients));
    try (NDManager scratch = engine.newManager()) {
      double norm = update.step(scratch, buffers, steps + 1, learningRate);
      if (!Double.isFinite(norm)) {
        throw new NonFiniteGradientException(norm, steps);
      }
      steps++;
      return norm;
    }
  }

  /** One for each flat buffer. */
  private double[] weightDecays(FlatTensors gradients) {
    return gradients.groups().stream()
        .mapToDouble(group -> group == ParameterGroup.DECAY ? settings.weightDecay() : 0)
        .toArray();
  }

  /** Steps made so far. */
  public long steps() {
    return steps;
  }

  /**
   * All that an optimizer needs to be resumed bit for bit: {@code step} (int64), {@code
   * exp_avg.<parameter>} and {@code exp_avg_sq.<parameter>} (as the settings say). The tensors
   * belong to the optimizer: they are valid until the next step or the next call.
   */
  public Map<String, NDArray> state() {
    stateManager.close();
    stateManager = engine.newManager();
    Map<String, NDArray> state = new LinkedHashMap<>();
    state.put(STEP, stateManager.create(new long[] {steps}));
    means.asMap().forEach((name, tensor) -> state.put(MEAN + name, tensor));
    squares.asMap().forEach((name, tensor) -> state.put(SQUARE + name, tensor));
    return state;
  }

  /**
   * Takes over a state that {@link #state()} gave for the same parameters from the file that it was
   * written to, a tensor at a time.
   *
   * @throws IllegalArgumentException if a tensor is missing, too much, or of another shape or type,
   *     or the steps are no number of steps; the state is unchanged then
   */
  public void restore(SafetensorsFile state) {
    Map<String, TensorInfo> newMeans = new LinkedHashMap<>();
    Map<String, TensorInfo> newSquares = new LinkedHashMap<>();
    state
        .tensors()
        .forEach((name, tensor) -> {
          if (name.startsWith(MEAN)) {
            newMeans.put(name.substring(MEAN.length()), tensor);
          } else if (name.startsWith(SQUARE)) {
            newSquares.put(name.substring(SQUARE.length()), tensor);
          } else if (!name.equals(STEP)) {
            throw new IllegalArgumentException("tensor " + name + " is not part of an AdamW state");
          }
        });
    means.requireFit(newMeans, TensorInfo::shape, MEAN);
    squares.requireFit(newSquares, TensorInfo::shape, SQUARE);
    requireType(newMeans, MEAN);
    requireType(newSquares, SQUARE);
    long newSteps = steps(state);
    means.copyFrom(state, MEAN);
    squares.copyFrom(state, SQUARE);
    steps = newSteps;
  }

  private long steps(SafetensorsFile state) {
    TensorInfo step = state.tensors().get(STEP);
    if (step == null || step.dtype() != ElementType.I64 || step.shape().size() != 1) {
      throw new IllegalArgumentException("the optimizer state has no int64 tensor 'step'");
    }
    try (NDManager scratch = engine.newManager()) {
      long found = state.load(scratch, STEP).toLongArray()[0];
      if (found < 0) {
        throw new IllegalArgumentException("the optimizer state is of step " + found);
      }
      return found;
    }
  }

  private void requireType(Map<String, TensorInfo> moments, String prefix) {
    moments.forEach((name, tensor) -> {
      ElementType type = tensor.dtype();
      if (type != settings.moments()) {
        throw new IllegalArgumentException(
            "tensor %s%s is %s, but these settings store moments in %s: go on with %s"
                .formatted(prefix, name, type, settings.moments(), type));
      }
    });
  }

  @Override
  public void close() {
    means.close();
    squares.close();
    stateManager.close();
  }
}
