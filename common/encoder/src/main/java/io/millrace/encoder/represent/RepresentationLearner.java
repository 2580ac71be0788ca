package io.millrace.encoder.represent;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.encode.EncoderModel;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.random.SeededRandom;
import io.millrace.tensor.train.Learner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * An encoder that learns by prediction: one kernel call per batch for changes, forward and
 * backward.
 *
 * <p>Negatives are places of the same batch: with more than one batch in a step they are of fewer
 * documents than in one large batch. What is chosen at random depends on the seed, the number of
 * the step and a document's place among all of the step's.
 */
final class RepresentationLearner implements Learner<EncoderBatch, RepresentationStep> {

  static final String SEED = "seed";

  /** What is to be compiled with the model. */
  static final List<KernelSource> KERNELS =
      List.of(KernelSource.of(RepresentationLearner.class, "cpc.py"));

  /** Sets the seeds of what is chosen apart. */
  private static final long NEGATIVES = 1;

  private static final long CHANGES = 2;

  private final TensorEngine engine;
  private final EncoderModel model;
  private final RepresentationSettings settings;
  private final long seed;

  /**
   * A learner that owns the model.
   *
   * @param model whose kernels have those of {@link #KERNELS}
   */
  RepresentationLearner(
      TensorEngine engine, EncoderModel model, RepresentationSettings settings, long seed) {
    this.engine = engine;
    this.model = model;
    this.settings = settings;
    this.seed = seed;
  }

  @Override
  public ParameterStore weights() {
    return model.weights();
  }

  @Override
  public Step<RepresentationStep> begin(List<EncoderBatch> batches, long step) {
    List<Prepared> prepared = new ArrayList<>();
    int documents = 0;
    for (EncoderBatch batch : batches) {
      prepared.add(new Prepared(batch, pairs(batch), documents));
      documents += batch.size();
    }
    if (prepared.stream().allMatch(one -> one.pairs().none())) {
      throw new IllegalArgumentException(
          "no document of the step has a place after another: there is nothing to predict");
    }
    return new PredictionStep(prepared, step, documents);
  }

  private Pairs pairs(EncoderBatch batch) {
    model.config().encoder().requireFits(batch);
    if (settings.objective().negatives() == Negatives.OTHER && batch.size() < 2) {
      throw new IllegalArgumentException(
          "a batch of one document has no negatives of other documents: use larger batches, or"
              + " negatives mixed or same");
    }
    return Pairs.of(model.config().encoder().sequences(batch), model.config().steps());
  }

  /**
   * A batch with what is predicted in it.
   *
   * @param first its first document's place among all of the step's
   */
  private record Prepared(EncoderBatch batch, Pairs pairs, int first) {}

  /** The sums are added up. */
  private final class PredictionStep implements Step<RepresentationStep> {

    private final List<Prepared> batches;
    private final long step;
    private final int documents;
    private final long[] totals;

    PredictionStep(List<Prepared> batches, long step, int documents) {
      this.batches = batches;
      this.step = step;
      this.documents = documents;
      this.totals = new long[model.config().steps()];
      batches.forEach(one -> Arrays.setAll(totals, i -> totals[i] + one.pairs().counts()[i]));
    }

    @Override
    public NDList addGradients(int at, NDManager results, FlatTensors gradients) {
      Prepared some = batches.get(at);
      try (KernelValue objective = objective(some);
          KernelValue changes = changes(some)) {
        return model
            .kernels()
            .runRecording(
                results,
                "add_prediction_gradients",
                gradients.tensors(),
                model.network(),
                objective,
                changes,
                some.batch().values(results),
                some.batch().starts(),
                results.create(some.pairs().places()),
                some.pairs().counts(),
                Arrays.stream(totals).asDoubleStream().toArray());
      }
    }

    private KernelValue objective(Prepared some) {
      return model
          .kernels()
          .make(settings.objective().tuple(seed(step, some.first(), NEGATIVES)), new NDList());
    }

    private KernelValue changes(Prepared some) {
      return model
          .kernels()
          .make(settings.changes().tuple(seed(step, some.first(), CHANGES)), new NDList());
    }

    @Override
    public RepresentationStep end(NDManager scratch, NDList sums, double gradientNorm) {
      PredictionSums seen = PredictionSums.of(totals, doubles(sums.singletonOrThrow()));
      return new RepresentationStep(seen, gradientNorm, documents);
    }
  }

  private long seed(long step, int first, long choice) {
    return SeededRandom.of(seed, step, first, choice).nextLong() >>> 32;
  }

  /** How well a network of these weights or others predicts an unchanged batch; changes nothing. */
  PredictionSums evaluate(KernelValue evaluated, EncoderBatch batch) {
    Pairs pairs = pairs(batch);
    if (pairs.none()) {
      return PredictionSums.of(pairs.counts(), new double[3 * pairs.counts().length]);
    }
    try (NDManager scratch = engine.newManager();
        KernelValue objective =
            model.kernels().make(settings.objective().tuple(/* seed= */ 0), new NDList())) {
      NDList sums =
          model
              .kernels()
              .run(
                  scratch,
                  "prediction_sums",
                  evaluated,
                  objective,
                  batch.values(scratch),
                  batch.starts(),
                  scratch.create(pairs.places()),
                  pairs.counts());
      return PredictionSums.of(pairs.counts(), doubles(sums.singletonOrThrow()));
    }
  }

  private static double[] doubles(NDArray values) {
    return values.toType(DataType.FLOAT64, false).toDoubleArray();
  }

  EncoderModel model() {
    return model;
  }

  @Override
  public void saveConfig(Path directory) throws IOException {
    model.saveConfig(directory);
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(SEED, Long.toString(seed));
  }

  @Override
  public void close() {
    model.close();
  }
}
