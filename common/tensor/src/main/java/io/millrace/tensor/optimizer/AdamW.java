package io.millrace.tensor.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2) and
 * clipping by the global norm of all gradients, in one kernel call a step.
 *
 * <p>Not for use by several threads at once.
 */
public final class AdamW implements AutoCloseable {

  private static final String STEP = "step";
  private static final String MEAN = "exp_avg.";
  private static final String SQUARE = "exp_avg_sq.";

  private final TensorEngine engine;
  private final Kernels kernels;
  private final AdamWSettings settings;
  private final ParameterStore parameters;
  private final FlatTensors means;
  private final FlatTensors squares;
  private NDManager stateManager;

  /** Positions of the learned parameters with those of the group DECAY first. */
  private final List<Integer> decayedFirst;

  private final int decayed;
  private long steps;

  public AdamW(TensorEngine engine, ParameterStore parameters, AdamWSettings settings) {
    this.engine = engine;
    this.kernels = Kernels.shared(engine, AdamW.class, "adamw.py");
    this.settings = settings;
    this.parameters = parameters;
    this.means = parameters.newLearnedZeros();
    this.squares = parameters.newLearnedZeros();
    this.stateManager = engine.newManager();
    List<ParameterSpec> specs = parameters.learnedSpecs();
    this.decayedFirst = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      decayedFirst.add(i);
    }
    decayedFirst.sort(Comparator.comparing(i -> specs.get(i).group()));
    this.decayed =
        (int) specs.stream().filter(spec -> spec.group() == ParameterGroup.DECAY).count();
  }

  /**
   * Updates the weights; the gradients may be scaled in place.
   *
   * @param gradients float32, one for every learned parameter in the order of {@link
   *     ParameterStore#learnedSpecs()}
   * @return the global norm of the gradients before clipping
   * @throws NonFiniteGradientException if the norm is not finite; nothing was changed
   */
  public double step(NDList gradients, double learningRate) {
    List<ParameterSpec> specs = parameters.learnedSpecs();
    if (gradients.size() != specs.size()) {
      throw new IllegalArgumentException(
          "%d gradients for %d learned parameters".formatted(gradients.size(), specs.size()));
    }
    for (int i = 0; i < specs.size(); i++) {
      ParameterSpec spec = specs.get(i);
      DataType type = gradients.get(i).getDataType();
      if (type != DataType.FLOAT32) {
        throw new IllegalArgumentException(
            "the gradient of %s is %s, expected %s".formatted(spec.name(), type, DataType.FLOAT32));
      }
      if (!gradients.get(i).getShape().equals(spec.shape())) {
        throw new IllegalArgumentException(
            "the gradient of %s has shape %s, expected %s"
                .formatted(spec.name(), gradients.get(i).getShape(), spec.shape()));
      }
    }
    return update(
        ordered(parameters.learnedTensors()),
        ordered(gradients),
        ordered(means.tensors()),
        ordered(squares.tensors()),
        decayed,
        learningRate);
  }

  /**
   * As {@link #step(NDList, double)}, on flat buffers: one long vector a group.
   *
   * @param gradients made by {@link ParameterStore#newLearnedZeros()} of the same store
   */
  public double step(FlatTensors gradients, double learningRate) {
    if (!gradients.specs().equals(parameters.learnedSpecs())) {
      throw new IllegalArgumentException("the gradients are not laid out for these parameters");
    }
    // The buffer of what is not learned comes last, and gradients have none.
    NDList weights = parameters.weights().buffers();
    return update(
        new NDList(weights.subList(0, gradients.buffers().size())),
        gradients.buffers(),
        means.buffers(),
        squares.buffers(),
        decayed > 0 ? 1 : 0,
        learningRate);
  }

  private double update(
      NDList weights,
      NDList gradients,
      NDList firstMoments,
      NDList secondMoments,
      int decayedEntries,
      double learningRate) {
    if (!(learningRate >= 0) || Double.isInfinite(learningRate)) {
      throw new IllegalArgumentException("not a learning rate: " + learningRate);
    }
    try (NDManager scratch = engine.newManager()) {
      NDList result =
          kernels.run(
              scratch,
              "adamw_step",
              weights,
              gradients,
              firstMoments,
              secondMoments,
              decayedEntries,
              steps + 1,
              learningRate,
              settings.beta1(),
              settings.beta2(),
              settings.epsilon(),
              settings.weightDecay(),
              settings.maxGradientNorm());
      float norm = result.singletonOrThrow().getFloat();
      if (!Float.isFinite(norm)) {
        throw new NonFiniteGradientException(norm, steps);
      }
      steps++;
      return norm;
    }
  }

  private NDList ordered(NDList inSpecOrder) {
    NDList sorted = new NDList(inSpecOrder.size());
    decayedFirst.forEach(i -> sorted.add(inSpecOrder.get(i)));
    return sorted;
  }

  /** Steps made so far. */
  public long steps() {
    return steps;
  }

  /**
   * All that a resumed optimizer needs to go on bit for bit: {@code step} (int64), {@code
   * exp_avg.<parameter>} and {@code exp_avg_sq.<parameter>} (float32). The tensors belong to the
   * optimizer: they are valid until the next step or the next call.
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
   * Takes over a state that {@link #state()} gave for the same parameters.
   *
   * @throws IllegalArgumentException if a tensor is missing, too much, or of another shape; the
   *     state is unchanged then
   */
  public void restore(Map<String, NDArray> state) {
    Map<String, NDArray> newMeans = new LinkedHashMap<>();
    Map<String, NDArray> newSquares = new LinkedHashMap<>();
    NDArray step = state.get(STEP);
    if (step == null || step.getDataType() != DataType.INT64 || step.size() != 1) {
      throw new IllegalArgumentException("the optimizer state has no int64 tensor 'step'");
    }
    state.forEach((name, tensor) -> {
      if (name.startsWith(MEAN)) {
        newMeans.put(name.substring(MEAN.length()), tensor);
      } else if (name.startsWith(SQUARE)) {
        newSquares.put(name.substring(SQUARE.length()), tensor);
      } else if (!name.equals(STEP)) {
        throw new IllegalArgumentException("tensor " + name + " is not part of an AdamW state");
      }
    });
    means.requireFit(newMeans, MEAN);
    squares.requireFit(newSquares, SQUARE);
    means.copyFrom(newMeans);
    squares.copyFrom(newSquares);
    steps = step.toLongArray()[0];
  }

  @Override
  public void close() {
    means.close();
    squares.close();
    stateManager.close();
  }
}
