package io.millrace.vision.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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
import io.millrace.vision.detector.LearningNetwork;
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
  private static final String PRECISION = "precision";

  /** Sets the seeds of a head's choices apart from those of the augmentation. */
  private static final long CHOICES = 1;

  private final TensorEngine engine;
  private final DetectorNetwork network;
  private final DetectorTrainingSettings settings;
  private final long seed;
  private final long[] branches;
  private final LearningNetwork learning;
  private final BatchTasks learned;
  private final BatchTasks evaluated;

  /**
   * A learner that owns the network.
   *
   * @throws IllegalArgumentException if it cannot be trained in the settings' precision; it is
   *     closed then
   */
  DetectorLearner(
      TensorEngine engine, DetectorNetwork network, DetectorTrainingSettings settings, long seed) {
    this.engine = engine;
    this.network = network;
    this.settings = settings;
    this.seed = seed;
    this.learning = learning(engine, network, settings.precision());
    DetectorConfig config = network.config();
    this.branches = config.backbone().branches().learning();
    this.learned = new BatchTasks(engine, config, learning.kernels(), learning.value(), branches);
    this.evaluated = new BatchTasks(engine, config, network.kernels(), network.network(), branches);
  }

  private static LearningNetwork learning(
      TensorEngine engine, DetectorNetwork network, Precision precision) {
    try {
      precision.requireCovers(network.config());
      return new LearningNetwork(engine, network, precision.products());
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  @Override
  public ParameterStore weights() {
    return network.weights();
  }

  @Override
  public Step<DetectorStep> begin(List<SampleBatch> batches, long step) {
    learning.begin();
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
          tasks.add(learned.task(one.batch(), one.boxes(), one.seeds()));
        }
        this.counts = learned.counts(tasks);
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }

    @Override
    public NDList addGradients(int at, NDManager results, FlatTensors gradients) {
      Augmented some = batches.get(at);
      return learning
          .kernels()
          .runRecording(
              results,
              "add_gradients",
              gradients.tensors(),
              learning.value(),
              network.pixels(results, some.batch().rgb()),
              affines(results, some),
              ChangeRows.tones(results, some.changes()),
              tasks.get(at),
              counts,
              branches);
    }

    @Override
    public DetectorStep end(NDManager scratch, NDList sums, double gradientNorm) {
      learning.end();
      return new DetectorStep(losses(sums.singletonOrThrow()), gradientNorm, pictures, objects);
    }

    @Override
    public void close() {
      tasks.forEach(KernelValue::close);
    }
  }

  /** Losses without augmentation by a network of these weights or others; changes nothing. */
  DetectorLosses evaluate(KernelValue other, SampleBatch batch) {
    requireSize(batch);
    long[] seeds = new long[batch.size()];
    try (NDManager scratch = engine.newManager();
        KernelValue task = evaluated.task(batch, batch.boxes(), seeds)) {
      NDList result =
          network
              .kernels()
              .run(
                  scratch,
                  "batch_losses",
                  other,
                  network.pixels(scratch, batch.rgb()),
                  task,
                  evaluated.counts(List.of(task)),
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
    return Map.of(SEED, Long.toString(seed), PRECISION, settings.precision().key());
  }

  /** Trainings that were saved before there was a choice were in float32. */
  @Override
  public void requireResumable(Map<String, String> saved) {
    String before = saved.getOrDefault(PRECISION, Precision.F32.key());
    String now = settings.precision().key();
    if (!before.equals(now)) {
      throw new IllegalArgumentException(
          "its training was in precision %s and cannot go on in %s".formatted(before, now));
    }
  }

  @Override
  public void close() {
    learning.close();
    network.close();
  }

  private static NDArray affines(NDManager manager, Augmented some) {
    SampleBatch batch = some.batch();
    return ChangeRows.affines(manager, some.changes(), batch.width(), batch.height());
  }

  void requireSize(SampleBatch batch) {
    DetectorConfig config = network.config();
    if (batch.width() != config.inputWidth() || batch.height() != config.inputHeight()) {
      throw new IllegalArgumentException(
          "the batch has pictures of %d x %d pixels, the model takes %d x %d"
              .formatted(batch.width(), batch.height(), config.inputWidth(), config.inputHeight()));
    }
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
