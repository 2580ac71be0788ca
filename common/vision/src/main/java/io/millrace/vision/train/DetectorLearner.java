package io.millrace.vision.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.random.SeededRandom;
import io.millrace.tensor.train.Learner;
import io.millrace.vision.augment.Draws;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A detector that learns: one kernel call per batch for augmentation, forward and backward.
 *
 * <p>Augmentation and what a head chooses at random depend on the seed, the number of the step and
 * a picture's place among all of the step's pictures.
 */
final class DetectorLearner implements Learner<SampleBatch, DetectorStep> {

  static final String SEED = "seed";

  /** Sets the seeds of a head's choices apart from those of the augmentation. */
  private static final long CHOICES = 1;

  private final TensorEngine engine;
  private final DetectorNetwork network;
  private final DetectorTrainingSettings settings;
  private final long seed;
  private final long[] branches;
  private final RunningStatistics statistics;

  /** A learner that owns the network. */
  DetectorLearner(
      TensorEngine engine, DetectorNetwork network, DetectorTrainingSettings settings, long seed) {
    this.engine = engine;
    this.network = network;
    this.settings = settings;
    this.seed = seed;
    this.statistics = new RunningStatistics(engine, network);
    this.branches = network.config().backbone().branches().learning();
  }

  @Override
  public ParameterStore weights() {
    return network.weights();
  }

  @Override
  public Step<DetectorStep> begin(List<SampleBatch> batches, long step) {
    statistics.begin();
    List<Augmented> augmented = new ArrayList<>();
    int pictures = 0;
    for (SampleBatch batch : batches) {
      requireSize(batch);
      Draws draws = new Draws(seed, step, pictures);
      SampleBatch changed = PictureBatches.changed(batch, settings.batchChanges(), draws);
      augmented.add(augmented(changed, step, pictures));
      pictures += batch.size();
    }
    return new PictureStep(augmented, pictures);
  }

  private Augmented augmented(SampleBatch batch, long step, int first) {
    List<Augmentation> changes = new ArrayList<>();
    List<List<LabelledBox>> moved = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Augmentation change =
          Augmentation.of(
              settings.augmentation(), batch.width(), batch.height(), seed, step, first + i);
      changes.add(change);
      moved.add(
          change.apply(
              batch.boxes().get(i),
              batch.width(),
              batch.height(),
              settings.augmentation().minVisible()));
    }
    return new Augmented(batch, changes, moved, seeds(step, first, batch.size()));
  }

  private long[] seeds(long step, int first, int pictures) {
    return IntStream.range(first, first + pictures)
        .mapToLong(place -> SeededRandom.of(seed, step, place, CHOICES).nextLong() >>> 32)
        .toArray();
  }

  /**
   * A batch and how it is changed.
   *
   * @param boxes where the changed pictures show them
   * @param seeds of what is chosen at random of each picture
   */
  @SuppressWarnings("ArrayRecordComponent") // goes to the kernel as it is, is never compared
  private record Augmented(
      SampleBatch batch, List<Augmentation> changes, List<List<LabelledBox>> boxes, long[] seeds) {}

  /** The total loss and its parts are added up; what heads prepare is kept until the step's end. */
  private final class PictureStep implements Step<DetectorStep> {

    private final List<Augmented> batches;
    private final List<KernelValue> tasks = new ArrayList<>();
    private final int pictures;
    private final int objects;
    private final double[] counts;

    PictureStep(List<Augmented> batches, int pictures) {
      this.batches = batches;
      this.pictures = pictures;
      this.objects = batches.stream().mapToInt(batch -> BoxRows.objects(batch.boxes())).sum();
      try {
        for (Augmented one : batches) {
          tasks.add(task(one.batch(), one.boxes(), one.seeds()));
        }
        this.counts = counts(tasks);
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }

    @Override
    public NDList addGradients(int at, NDManager results, FlatTensors gradients) {
      Augmented some = batches.get(at);
      return network
          .kernels()
          .runRecording(
              results,
              "add_gradients",
              gradients.tensors(),
              statistics.network(),
              network.pixels(results, some.batch().rgb()),
              affines(results, some.changes()),
              tones(results, some.changes()),
              tasks.get(at),
              counts,
              branches);
    }

    @Override
    public DetectorStep end(NDManager scratch, NDList sums, double gradientNorm) {
      statistics.end();
      return new DetectorStep(losses(sums.singletonOrThrow()), gradientNorm, pictures, objects);
    }

    @Override
    public void close() {
      tasks.forEach(KernelValue::close);
    }
  }

  /** Losses without augmentation by a network of these weights or others; changes nothing. */
  DetectorLosses evaluate(KernelValue evaluated, SampleBatch batch) {
    requireSize(batch);
    try (NDManager scratch = engine.newManager();
        KernelValue task = task(batch, batch.boxes(), new long[batch.size()])) {
      NDList result =
          network
              .kernels()
              .run(
                  scratch,
                  "batch_losses",
                  evaluated,
                  network.pixels(scratch, batch.rgb()),
                  task,
                  counts(List.of(task)),
                  branches);
      return losses(result.singletonOrThrow());
    }
  }

  DetectorNetwork network() {
    return network;
  }

  @Override
  public void saveConfig(Path directory) throws IOException {
    network.saveConfig(directory);
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(SEED, Long.toString(seed));
  }

  @Override
  public void close() {
    statistics.close();
    network.close();
  }

  /** What is to be found in a batch, and what the head makes of it, closed by the caller. */
  private KernelValue task(SampleBatch batch, List<List<LabelledBox>> boxes, long[] seeds) {
    try (NDManager scratch = engine.newManager()) {
      return network
          .kernels()
          .keep(
              "prepared",
              network.network(),
              BoxRows.of(
                  scratch, network.config(), boxes, batch.placements(), /* ignored= */ false),
              BoxRows.of(scratch, network.config(), boxes, batch.placements(), /* ignored= */ true),
              new long[] {batch.height(), batch.width()},
              branches,
              seeds);
    }
  }

  /** What the losses of a step are divided by: counted over all of its batches. */
  private double[] counts(List<KernelValue> tasks) {
    double[] sum = new double[0];
    try (NDManager scratch = engine.newManager()) {
      for (KernelValue task : tasks) {
        double[] some =
            network
                .kernels()
                .run(scratch, "counts", network.network(), task)
                .singletonOrThrow()
                .toDoubleArray();
        sum = sum.length == 0 ? some : sum(sum, some);
      }
    }
    return sum;
  }

  private static double[] sum(double[] some, double[] others) {
    double[] sum = some.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += others[i];
    }
    return sum;
  }

  void requireSize(SampleBatch batch) {
    DetectorConfig config = network.config();
    if (batch.width() != config.inputWidth() || batch.height() != config.inputHeight()) {
      throw new IllegalArgumentException(
          "the batch has pictures of %d x %d pixels, the model takes %d x %d"
              .formatted(batch.width(), batch.height(), config.inputWidth(), config.inputHeight()));
    }
  }

  private NDArray affines(NDManager manager, List<Augmentation> changes) {
    DetectorConfig config = network.config();
    float[] values = new float[6 * changes.size()];
    for (int i = 0; i < changes.size(); i++) {
      float[] one = changes.get(i).affine(config.inputWidth(), config.inputHeight());
      System.arraycopy(one, 0, values, 6 * i, 6);
    }
    return manager.create(values, new Shape(changes.size(), 2, 3));
  }

  private static NDArray tones(NDManager manager, List<Augmentation> changes) {
    float[] values = new float[2 * changes.size()];
    for (int i = 0; i < changes.size(); i++) {
      values[2 * i] = (float) changes.get(i).gain();
      values[2 * i + 1] = (float) changes.get(i).bias();
    }
    return manager.create(values, new Shape(changes.size(), 2));
  }

  private DetectorLosses losses(NDArray found) {
    float[] values = found.toFloatArray();
    List<String> names = network.config().head().losses();
    Map<String, Double> parts = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      parts.put(names.get(i), (double) values[i + 1]);
    }
    return new DetectorLosses(values[0], Collections.unmodifiableMap(parts));
  }
}
