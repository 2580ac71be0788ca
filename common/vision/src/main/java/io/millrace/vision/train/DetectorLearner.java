package io.millrace.vision.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.loss.Loss;
import io.millrace.tensor.loss.LossPlan;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.train.BatchParts;
import io.millrace.tensor.train.Learner;
import io.millrace.vision.augment.Draws;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorNetwork;
import io.millrace.vision.network.Norm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A detector that learns: one kernel call for augmentation, forward and backward of a batch, or of
 * each of its parts, which run side by side.
 *
 * <p>Augmentation and what a head chooses at random depend on the seed, the number of the step and
 * a picture's place among all of the step's pictures.
 */
final class DetectorLearner implements Learner<SampleBatch, DetectorStep> {

  static final String SEED = "seed";
  private static final String PRECISION = "precision";
  private static final String LOSS = "loss";
  private static final String OWN_LOSS = LossPlan.of(new Loss.Focal()).text();

  private final TensorEngine engine;
  private final DetectorNetwork network;
  private final DetectorTrainingSettings settings;
  private final long seed;
  private final long[] branches;
  private final Map<Loss, LearningPhase> phases = new HashMap<>();
  private final BatchTasks evaluated;
  private final BatchParts together;

  /**
   * A learner that owns the network.
   *
   * @throws IllegalArgumentException if it cannot be trained in the settings' precision or by its
   *     losses; it is closed then
   */
  DetectorLearner(
      TensorEngine engine, DetectorNetwork network, DetectorTrainingSettings settings, long seed) {
    this.engine = engine;
    this.network = network;
    this.settings = settings;
    this.seed = seed;
    DetectorConfig config = network.config();
    this.branches = config.backbone().branches().learning();
    this.together = together(engine, network, settings);
    this.evaluated = new BatchTasks(engine, config, network.kernels(), network.network(), branches);
  }

  /** Made when the network can be trained at all: it is closed otherwise. */
  private static BatchParts together(
      TensorEngine engine, DetectorNetwork network, DetectorTrainingSettings settings) {
    try {
      settings.precision().requireCovers(network.config());
      DetectorTrainingSettings.requireLearnedBy(settings.loss(), network.config());
      return new BatchParts(engine, network.weights());
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private LearningPhase phase(Loss loss) {
    return phases.computeIfAbsent(
        loss, one -> new LearningPhase(engine, network, settings.precision(), one, branches));
  }

  @Override
  public ParameterStore weights() {
    return network.weights();
  }

  @Override
  public Step<DetectorStep> begin(List<SampleBatch> batches, long step) {
    LossPlan.Moment moment = settings.loss().at(step, settings.steps());
    LearningPhase phase = phase(moment.loss());
    phase.network().begin();
    List<List<Augmented>> augmented = new ArrayList<>();
    int pictures = 0;
    for (SampleBatch batch : batches) {
      requireSize(batch);
      Draws draws = new Draws(seed, step, pictures);
      SampleBatch changed = PictureBatches.changed(batch, settings.batchChanges(), draws);
      List<Augmented> parts = new ArrayList<>();
      for (SampleBatch part : parts(changed)) {
        parts.add(Augmented.of(part, settings.augmentation(), seed, step, pictures));
        pictures += part.size();
      }
      augmented.add(parts);
    }
    return new PictureStep(phase, moment.temperature(), augmented, pictures);
  }

  /** Of about one size; a batch whose statistics are learned from cannot be split. */
  private List<SampleBatch> parts(SampleBatch batch) {
    boolean whole = network.config().layers().norm() == Norm.BATCH;
    int count = whole ? 1 : BatchParts.count(engine, batch.size());
    List<SampleBatch> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int first = batch.size() * i / count;
      parts.add(batch.part(first, batch.size() * (i + 1) / count - first));
    }
    return parts;
  }

  /** The total loss and its parts are added up; what heads prepare is kept until the step's end. */
  private final class PictureStep implements Step<DetectorStep> {

    private final LearningPhase phase;
    private final List<List<Augmented>> batches;
    private final List<List<KernelValue>> tasks = new ArrayList<>();
    private final int pictures;
    private final int objects;
    private final double[] counts;

    PictureStep(
        LearningPhase phase, double temperature, List<List<Augmented>> batches, int pictures) {
      this.phase = phase;
      this.batches = batches;
      this.pictures = pictures;
      List<Augmented> all = batches.stream().flatMap(List::stream).toList();
      this.objects = all.stream().mapToInt(part -> BoxRows.objects(part.boxes())).sum();
      try {
        for (List<Augmented> parts : batches) {
          tasks.add(phase.tasks().of(parts, together));
        }
        List<KernelValue> known = tasks.stream().flatMap(List::stream).toList();
        this.counts = phase.counts(all, known, temperature, together);
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }

    @Override
    public NDList addGradients(int at, NDManager results, FlatTensors gradients) {
      List<BatchParts.Part> parts = new ArrayList<>();
      for (int i = 0; i < batches.get(at).size(); i++) {
        Augmented some = batches.get(at).get(i);
        KernelValue task = tasks.get(at).get(i);
        parts.add((owner, own) -> addGradients(some, task, owner, own));
      }
      return together.add(results, gradients, parts);
    }

    private NDList addGradients(
        Augmented some, KernelValue task, NDManager results, FlatTensors gradients) {
      return phase
          .kernels()
          .runRecording(
              results,
              "add_gradients",
              gradients.tensors(),
              phase.network().value(),
              network.pixels(results, some.batch().rgb()),
              some.affines(results),
              some.tones(results),
              task,
              counts,
              branches);
    }

    @Override
    public DetectorStep end(NDManager scratch, NDList sums, double gradientNorm) {
      phase.network().end();
      return new DetectorStep(
          losses(List.of(sums.singletonOrThrow().toFloatArray())), gradientNorm, pictures, objects);
    }

    @Override
    public void close() {
      tasks.forEach(parts -> parts.forEach(KernelValue::close));
    }
  }

  /** Losses without augmentation by a network of these weights or others; changes nothing. */
  DetectorLosses evaluate(KernelValue other, SampleBatch batch) {
    requireSize(batch);
    List<SampleBatch> parts = parts(batch);
    List<KernelValue> tasks = new ArrayList<>();
    try (NDManager scratch = engine.newManager()) {
      parts.forEach(part -> tasks.add(evaluated.task(part, part.boxes(), new long[part.size()])));
      double[] counts = evaluated.counts(tasks);
      List<Supplier<float[]>> running = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        SampleBatch part = parts.get(i);
        KernelValue task = tasks.get(i);
        running.add(() -> evaluate(scratch, other, part, task, counts));
      }
      return losses(together.run(running));
    } finally {
      tasks.forEach(KernelValue::close);
    }
  }

  private float[] evaluate(
      NDManager scratch, KernelValue other, SampleBatch part, KernelValue task, double[] counts) {
    return network
        .kernels()
        .run(
            scratch,
            "batch_losses",
            other,
            network.pixels(scratch, part.rgb()),
            task,
            counts,
            branches)
        .singletonOrThrow()
        .toFloatArray();
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
    Map<String, String> saved = new HashMap<>();
    saved.put(SEED, Long.toString(seed));
    saved.put(PRECISION, settings.precision().key());
    String loss = settings.loss().text();
    if (!loss.equals(OWN_LOSS)) {
      saved.put(LOSS, loss);
    }
    return saved;
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
    String lossBefore = saved.getOrDefault(LOSS, OWN_LOSS);
    String lossNow = settings.loss().text();
    if (!lossBefore.equals(lossNow)) {
      throw new IllegalArgumentException(
          "its training was by the loss %s and cannot go on by %s".formatted(lossBefore, lossNow));
    }
  }

  @Override
  public void close() {
    together.close();
    phases.values().forEach(LearningPhase::close);
    network.close();
  }

  void requireSize(SampleBatch batch) {
    DetectorConfig config = network.config();
    if (batch.width() != config.inputWidth() || batch.height() != config.inputHeight()) {
      throw new IllegalArgumentException(
          "the batch has pictures of %d x %d pixels, the model takes %d x %d"
              .formatted(batch.width(), batch.height(), config.inputWidth(), config.inputHeight()));
    }
  }

  /** The sums of the parts' losses: the total, then its parts by name. */
  private DetectorLosses losses(List<float[]> each) {
    float[] values = each.getFirst().clone();
    for (float[] next : each.subList(1, each.size())) {
      for (int i = 0; i < values.length; i++) {
        values[i] += next[i];
      }
    }
    List<String> names = network.config().losses();
    Map<String, Double> parts = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      parts.put(names.get(i), (double) values[i + 1]);
    }
    return new DetectorLosses(values[0], Collections.unmodifiableMap(parts));
  }
}
