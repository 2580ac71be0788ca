package io.millrace.encoder.classify;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.loss.Loss;
import io.millrace.tensor.loss.PlannedLoss;
import io.millrace.tensor.loss.RowLabels;
import io.millrace.tensor.loss.StepLoss;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.random.SeededRandom;
import io.millrace.tensor.train.Learner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A classifier that learns. The loss is one of all labelled examples of a step together. */
final class ClassifierLearner implements Learner<ExampleBatch, ClassifierStep> {

  static final String SEED = "seed";

  private final TensorEngine engine;
  private final ClassifierNetwork network;
  private final ClassifierConfig config;
  private final Kernels kernels;
  private final PlannedLoss loss;
  private final ClassWeights classWeights;
  private final long seed;
  private final MovingStatistics statistics;
  private final Map<Loss, LinkedLoss> linked = new HashMap<>();
  private long observed;

  /**
   * A learner that owns the network.
   *
   * @param seed of what dropout leaves out, and of what a loss draws
   */
  ClassifierLearner(
      TensorEngine engine,
      ClassifierNetwork network,
      ClassifierTrainingSettings settings,
      long seed) {
    this.engine = engine;
    this.network = network;
    this.config = network.config();
    this.kernels = network.kernels();
    this.loss = new PlannedLoss(engine, settings.loss(), settings.steps(), seed);
    settings.loss().requireClasses(config.classes().size());
    this.classWeights = settings.classWeights();
    classWeights.requireFit(config.classes().size());
    this.seed = seed;
    this.statistics = new MovingStatistics(engine, network);
  }

  @Override
  public ParameterStore weights() {
    return network.weights();
  }

  ClassifierNetwork network() {
    return network;
  }

  @Override
  public Step<ClassifierStep> begin(List<ExampleBatch> batches, long step) {
    batches.forEach(batch -> batch.requireFits(config));
    boolean observing = !config.input().learns() && observed < Standardisation.OBSERVED;
    if (observing) {
      statistics.begin();
    }
    long seen = observing ? observe(batches) : observed;
    return new ExampleStep(batches, step, observing, seen);
  }

  /** How many examples the copies of the statistics are of then. */
  private long observe(List<ExampleBatch> batches) {
    long seen = 0;
    for (ExampleBatch batch : batches) {
      try (NDManager scratch = engine.newManager()) {
        NDArray features = features(scratch, batch.inputs());
        NDList count =
            kernels.run(
                scratch, "observe", statistics.network(), features, Standardisation.OBSERVED);
        seen = (long) count.singletonOrThrow().toFloatArray()[0];
      }
    }
    return seen;
  }

  /** Rows are features as they are. */
  private NDArray features(NDManager results, Inputs inputs) {
    NDArray values = inputs.values(results);
    return config.input() instanceof RowInput
        ? values
        : kernels
            .run(results, "features", network.network(), values, inputs.starts())
            .singletonOrThrow();
  }

  private LinkedLoss linked(Loss one) {
    return linked.computeIfAbsent(one, key -> new LinkedLoss(engine, network, statistics, key));
  }

  /** The loss and the number of right answers are added up. */
  private final class ExampleStep implements Step<ClassifierStep> {

    private final List<ExampleBatch> batches;
    private final long step;
    private final int labelled;
    private final boolean observing;
    private final long seen;
    private final Map<Integer, NDArray> values = new HashMap<>();
    private final @Nullable StepLoss stepLoss;

    ExampleStep(List<ExampleBatch> batches, long step, boolean observing, long seen) {
      this.batches = batches;
      this.step = step;
      this.observing = observing;
      this.seen = seen;
      this.labelled = batches.stream().mapToInt(ExampleBatch::labelled).sum();
      double[] weights = classWeights.of(batches, config.classes().size());
      List<RowLabels> labels = batches.stream().map(batch -> batch.labels(weights)).toList();
      // Of examples without any label there is no loss.
      this.stepLoss = labelled == 0 ? null : loss.begin(step, labels);
    }

    @Override
    public boolean overwrites() {
      return stepLoss != null && stepLoss.isOfBatch() && !config.input().learns();
    }

    @Override
    public NDList addGradients(int at, NDManager results, FlatTensors gradients) {
      if (stepLoss == null) {
        return new NDList(results.create(new double[2]));
      }
      if (!stepLoss.isOfBatch()) {
        return addOfAll(stepLoss, at, results, gradients);
      }
      LinkedLoss loss = linked(stepLoss.loss());
      NDArray values = values(at, results);
      return config.input().learns()
          ? loss.addAllGradients(
              results, gradients, stepLoss, at, values, starts(batches.get(at)), seeds(at, results))
          : loss.addGradients(results, gradients, stepLoss, at, values, seeds(at, results));
    }

    /** Of several batches, not all that is recorded is kept: each is computed twice. */
    private NDList addOfAll(StepLoss stepLoss, int at, NDManager results, FlatTensors gradients) {
      NDArray recorded = logits(at, results, /* recording= */ true);
      NDList found =
          stepLoss.slope(
              at,
              results,
              batch -> batch == at ? recorded : logits(batch, results, /* recording= */ false));
      NDList sums =
          kernels.runRecording(
              results,
              "carry_back",
              gradients.tensors(),
              statistics.network(),
              recorded,
              found.get(0),
              found.get(1),
              results.create(batches.get(at).classes()));
      recorded.close();
      return sums;
    }

    private NDArray logits(int at, NDManager results, boolean recording) {
      Object[] arguments = {
        statistics.network(),
        values(at, results),
        starts(batches.get(at)),
        !config.input().learns(),
        seeds(at, results)
      };
      NDList logits =
          recording
              ? kernels.runRecording(results, "learning_logits", arguments)
              : kernels.run(results, "learning_logits", arguments);
      return logits.singletonOrThrow();
    }

    /** What the source computes features from; where it does not learn, these. */
    private NDArray values(int at, NDManager results) {
      Inputs inputs = batches.get(at).inputs();
      return values.computeIfAbsent(
          at,
          place -> config.input().learns() ? inputs.values(results) : features(results, inputs));
    }

    private long[] starts(ExampleBatch batch) {
      return config.input().learns() ? batch.inputs().starts() : new long[0];
    }

    private NDArray seeds(int at, NDManager results) {
      if (config.head().dropout() == 0) {
        return results.create(new long[0], new Shape(0));
      }
      int first = batches.subList(0, at).stream().mapToInt(ExampleBatch::size).sum();
      long[] seeds = new long[batches.get(at).size()];
      for (int i = 0; i < seeds.length; i++) {
        seeds[i] = SeededRandom.of(seed, step, first + i).nextLong() >>> 32;
      }
      return results.create(seeds);
    }

    @Override
    public ClassifierStep end(NDManager scratch, NDList sums, double gradientNorm) {
      if (observing) {
        statistics.end();
        observed = seen;
      }
      double[] lossAndRight = sums.singletonOrThrow().toDoubleArray();
      return new ClassifierStep(
          lossAndRight[0],
          lossAndRight[1] / Math.max(1, labelled),
          gradientNorm,
          batches.stream().mapToInt(ExampleBatch::size).sum(),
          labelled);
    }
  }

  @Override
  public void saveConfig(Path directory) throws IOException {
    // What a calibration found holds for the weights that it was made with.
    ClassifierConfigFile.write(config.withTemperature(1), directory);
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(SEED, Long.toString(seed));
  }

  @Override
  public void close() {
    linked.values().forEach(LinkedLoss::close);
    statistics.close();
    network.close();
  }
}
