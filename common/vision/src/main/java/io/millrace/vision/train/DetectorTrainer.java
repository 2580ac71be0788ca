package io.millrace.vision.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.optimizer.AdamW;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Trains a detector: one kernel call for augmentation, forward and backward, one for the optimizer.
 *
 * <p>Augmentation depends on the seed and the number of the step alone, so that a restored trainer
 * goes on bit for bit. Not for use by several threads at once.
 */
public final class DetectorTrainer implements AutoCloseable {

  private static final String STATE = "optimizer.safetensors";
  private static final String SEED = "seed";

  private final TensorEngine engine;
  private final DetectorNetwork network;
  private final AdamW optimizer;
  private final DetectorTrainingSettings settings;
  private final long seed;

  private DetectorTrainer(
      TensorEngine engine, DetectorNetwork network, DetectorTrainingSettings settings, long seed) {
    this.engine = engine;
    this.network = network;
    this.settings = settings;
    this.seed = seed;
    this.optimizer = new AdamW(engine, network.weights(), settings.optimizer());
  }

  /** A trainer of a fresh model; weights and augmentation depend on the seed alone. */
  public static DetectorTrainer create(
      TensorEngine engine, DetectorConfig config, DetectorTrainingSettings settings, long seed) {
    return new DetectorTrainer(
        engine, DetectorNetwork.create(engine, config, seed), settings, seed);
  }

  /**
   * A trainer that begins with the weights of a model, whoever trained it.
   *
   * @param seed of what it does to pictures
   * @throws IOException if a file is missing or does not fit the configuration
   */
  public static DetectorTrainer from(
      TensorEngine engine, Path model, DetectorTrainingSettings settings, long seed)
      throws IOException {
    return new DetectorTrainer(engine, DetectorNetwork.load(engine, model), settings, seed);
  }

  /**
   * The trainer that was saved; with the same settings it goes on bit for bit.
   *
   * @throws IOException if a file is missing or does not fit the configuration
   */
  public static DetectorTrainer restore(
      TensorEngine engine, Path directory, DetectorTrainingSettings settings) throws IOException {
    Path file = directory.resolve(STATE);
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    DetectorNetwork network = DetectorNetwork.load(engine, directory);
    try (SafetensorsFile state = SafetensorsFile.open(file)) {
      long seed = Long.parseLong(state.metadata().getOrDefault(SEED, ""));
      return restored(new DetectorTrainer(engine, network, settings, seed), state);
    } catch (IllegalArgumentException e) {
      network.close();
      throw new IOException(
          file + " is not the state of a detector's trainer: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private static DetectorTrainer restored(DetectorTrainer trainer, SafetensorsFile state) {
    try {
      trainer.optimizer.restore(state);
      return trainer;
    } catch (RuntimeException e) {
      trainer.optimizer.close();
      throw e;
    }
  }

  /**
   * One optimizer step on one batch.
   *
   * @throws IllegalArgumentException if the batch has another size than the model's input, or a box
   *     that does not fit
   * @throws io.millrace.tensor.optimizer.NonFiniteGradientException if the gradients are not
   *     finite; the model is as it was
   */
  public DetectorStep step(SampleBatch batch, double learningRate) {
    requireSize(batch);
    List<Augmentation> changes = new ArrayList<>();
    List<List<LabelledBox>> moved = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Augmentation change =
          Augmentation.of(
              settings.augmentation(), batch.width(), batch.height(), seed, optimizer.steps(), i);
      changes.add(change);
      moved.add(
          change.apply(
              batch.boxes().get(i),
              batch.width(),
              batch.height(),
              settings.augmentation().minVisible()));
    }
    try (NDManager scratch = engine.newManager()) {
      NDList result =
          network
              .kernels()
              .runRecording(
                  scratch,
                  "training_step",
                  network.network(),
                  network.pixels(scratch, batch.rgb()),
                  affines(scratch, changes),
                  tones(scratch, changes),
                  BoxRows.of(scratch, network.config(), moved, /* crowds= */ false),
                  BoxRows.of(scratch, network.config(), moved, /* crowds= */ true),
                  lossWeights(),
                  settings.correctedRadius());
      NDList gradients = new NDList(result.subList(0, result.size() - 1));
      DetectorLosses losses = losses(result.getLast());
      double norm = optimizer.step(gradients, learningRate);
      return new DetectorStep(losses, norm, batch.size(), BoxRows.count(moved, false));
    }
  }

  /** Losses without augmentation; changes nothing. */
  public DetectorLosses evaluate(SampleBatch batch) {
    requireSize(batch);
    try (NDManager scratch = engine.newManager()) {
      NDList result =
          network
              .kernels()
              .run(
                  scratch,
                  "losses",
                  network.network(),
                  network.pixels(scratch, batch.rgb()),
                  BoxRows.of(scratch, network.config(), batch.boxes(), /* crowds= */ false),
                  BoxRows.of(scratch, network.config(), batch.boxes(), /* crowds= */ true),
                  lossWeights(),
                  settings.correctedRadius());
      return losses(result.singletonOrThrow());
    }
  }

  /**
   * Finds objects with the present weights, best first, at most {@code max} a picture: those of
   * lower score are left out.
   *
   * @return for each picture of the batch, boxes in its pixels
   */
  public List<List<Detection>> detect(SampleBatch batch, double minScore, int max) {
    requireSize(batch);
    return network.detect(batch.rgb(), minScore, max);
  }

  /** The model that learns. */
  public DetectorConfig config() {
    return network.config();
  }

  /** Learned values. */
  public long parameters() {
    return network.weights().count();
  }

  /** Optimizer steps made since the model was created. */
  public long steps() {
    return optimizer.steps();
  }

  /** Writes the model folder that a detector loads, and the optimizer's state beside it. */
  public void save(Path directory) throws IOException {
    network.save(directory);
    SafetensorsWriter.write(
        directory.resolve(STATE), optimizer.state(), Map.of(SEED, Long.toString(seed)));
  }

  @Override
  public void close() {
    optimizer.close();
    network.close();
  }

  private double[] lossWeights() {
    return new double[] {settings.offsetWeight(), settings.sizeWeight()};
  }

  private void requireSize(SampleBatch batch) {
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

  private static DetectorLosses losses(NDArray parts) {
    float[] values = parts.toFloatArray();
    return new DetectorLosses(values[0], values[1], values[2], values[3]);
  }
}
