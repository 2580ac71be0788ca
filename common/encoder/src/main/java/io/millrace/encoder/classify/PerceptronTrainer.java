package io.millrace.encoder.classify;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.encoder.classify.perceptron.Perceptron;
import io.millrace.encoder.classify.perceptron.PerceptronShape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import io.millrace.tensor.train.TrainingFolder;
import io.millrace.vision.network.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Trains a {@link Perceptron} on rows as they are. What is published is the linear classifier that
 * decides as it does, which is also all that the training is resumed with.
 */
public final class PerceptronTrainer implements ClassifierTraining {

  private final TensorEngine engine;
  private final ClassifierConfig config;
  private final ClassifierLayout layout;
  private final Perceptron perceptron;

  private PerceptronTrainer(TensorEngine engine, ClassifierConfig config, Perceptron perceptron) {
    this.engine = engine;
    this.config = config;
    this.layout = ClassifierLayout.of(config);
    this.perceptron = perceptron;
  }

  /**
   * A trainer of a perceptron that knows nothing.
   *
   * @throws IllegalArgumentException if the configuration is of no perceptron of rows
   */
  public static PerceptronTrainer create(TensorEngine engine, ClassifierConfig config) {
    Limits.require(config.input() instanceof RowInput, "a perceptron takes rows alone");
    if (!(config.head() instanceof ClassifierHead.Perceptron(boolean bias))) {
      throw new IllegalArgumentException("the head is no perceptron");
    }
    PerceptronShape shape =
        new PerceptronShape(config.input().width(), config.classes().size(), bias);
    return new PerceptronTrainer(engine, config, new Perceptron(engine, shape));
  }

  /**
   * A trainer of the perceptron of a model folder.
   *
   * @throws IOException if a file is missing or broken, or of another model
   */
  public static PerceptronTrainer restore(TensorEngine engine, Path directory) throws IOException {
    ClassifierConfig config = ClassifierConfigFile.read(directory).withTemperature(1);
    Path file = new TrainingFolder(directory).weights();
    PerceptronTrainer trainer;
    try {
      trainer = create(engine, config);
    } catch (IllegalArgumentException e) {
      throw new IOException(directory + ": " + e.getMessage(), e);
    }
    try (ParameterStore saved = ParameterStore.read(engine, trainer.layout.specs(), file);
        NDManager scratch = engine.newManager()) {
      trainer.read(saved, scratch);
      return trainer;
    } catch (IOException | RuntimeException e) {
      trainer.close();
      throw e;
    }
  }

  /** Of two classes the second has the unit's weights, the first zeros. */
  private void read(ParameterStore saved, NDManager scratch) {
    boolean single = config.classes().size() == 2;
    for (String name : perceptron.weights().asMap().keySet()) {
      NDArray all = saved.get("head.last." + name);
      NDArray own = single ? all.get("1:2") : all;
      own.attach(scratch);
      perceptron.weights().load(name, own);
    }
  }

  @Override
  public ClassifierConfig config() {
    return config;
  }

  /** Learns row by row; the loss is the share of labelled rows that were decided wrongly. */
  @Override
  public ClassifierStep step(List<ExampleBatch> batches, double learningRate) {
    batches.forEach(batch -> batch.requireFits(config));
    long mistakes = 0;
    for (ExampleBatch batch : batches) {
      try (NDManager scratch = engine.newManager()) {
        NDArray rows = batch.inputs().values(scratch);
        mistakes += perceptron.learn(rows, batch.classes(), learningRate);
      }
    }
    int labelled = batches.stream().mapToInt(ExampleBatch::labelled).sum();
    double wrong = (double) mistakes / Math.max(1, labelled);
    int examples = batches.stream().mapToInt(ExampleBatch::size).sum();
    return new ClassifierStep(
        wrong, labelled == 0 ? 0 : 1 - wrong, /* gradientNorm= */ 0, examples, labelled);
  }

  @Override
  public float[][] logits(Inputs inputs) {
    config.input().requireFits(inputs);
    try (NDManager scratch = engine.newManager()) {
      NDList linear = perceptron.asLinear(scratch);
      float[] all =
          inputs
              .values(scratch)
              .matMul(linear.get(0).transpose())
              .add(linear.get(1))
              .toFloatArray();
      int classes = config.classes().size();
      float[][] rows = new float[inputs.count()][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = Arrays.copyOfRange(all, i * classes, (i + 1) * classes);
      }
      return rows;
    }
  }

  @Override
  public long parameters() {
    return layout.parameters();
  }

  @Override
  public long learnedParameters() {
    return perceptron.weights().count();
  }

  @Override
  public void save(Path directory) throws IOException {
    ClassifierConfigFile.write(config, directory);
    try (ParameterStore linear = ParameterStore.zeros(engine, layout.specs());
        NDManager scratch = engine.newManager()) {
      NDList weights = perceptron.asLinear(scratch);
      linear.load("head.last.weight", weights.get(0));
      linear.load("head.last.bias", weights.get(1));
      SafetensorsWriter.write(new TrainingFolder(directory).weights(), linear.asMap(), Map.of());
    }
  }

  @Override
  public void close() {
    perceptron.close();
  }
}
