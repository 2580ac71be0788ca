package io.millrace.encoder.classify;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.language.model.StoredTensor;
import io.millrace.language.model.StoredWeights;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.train.TrainingFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * A classifier's weights and kernels, whose files are linked.
 *
 * <p>Safe for use by several threads as long as nobody writes to the weights.
 */
final class ClassifierNetwork implements AutoCloseable {

  private final TensorEngine engine;
  private final ClassifierConfig config;
  private final ClassifierLayout layout;
  private final ParameterStore weights;
  private final Kernels kernels;
  private final KernelValue network;

  private ClassifierNetwork(
      TensorEngine engine,
      ClassifierConfig config,
      ClassifierLayout layout,
      ParameterStore weights) {
    this.engine = engine;
    this.config = config;
    this.layout = layout;
    this.weights = weights;
    this.kernels = kernels(engine, config);
    this.network = kernels.make(layout.network(), weights.tensors());
  }

  /** The kernels of a configuration. */
  static Kernels kernels(TensorEngine engine, ClassifierConfig config) {
    return linked(engine, config, List.of());
  }

  /** The same compiled with further files. */
  static Kernels linked(TensorEngine engine, ClassifierConfig config, List<KernelSource> further) {
    List<KernelSource> sources = new ArrayList<>(further);
    sources.add(KernelSource.of(ClassifierNetwork.class, "classifier.py"));
    sources.add(Standardisation.kernel());
    sources.addAll(config.input().kernels());
    sources.addAll(config.head().kernels());
    return Kernels.shared(engine, sources.stream().distinct().toList());
  }

  /** A fresh network whose weights depend on the seed alone. */
  static ClassifierNetwork create(TensorEngine engine, ClassifierConfig config, long seed) {
    ClassifierLayout layout = ClassifierLayout.of(config);
    ParameterStore weights = ParameterStore.create(engine, layout.specs(), seed);
    return new ClassifierNetwork(engine, config, layout, weights);
  }

  /**
   * Reads {@code config.json} and a file of weights.
   *
   * @throws IOException if a file is missing or broken, or a tensor is missing, too much or of the
   *     wrong shape; the message names file and tensor
   */
  static ClassifierNetwork load(TensorEngine engine, Path directory, Path file) throws IOException {
    ClassifierConfig config = ClassifierConfigFile.read(directory);
    ClassifierLayout layout = ClassifierLayout.of(config);
    ParameterStore weights = ParameterStore.read(engine, layout.specs(), file);
    return new ClassifierNetwork(engine, config, layout, weights);
  }

  /** The same with the weights that are served. */
  static ClassifierNetwork load(TensorEngine engine, Path directory) throws IOException {
    return load(engine, directory, new TrainingFolder(directory).weights());
  }

  /**
   * Overwrites the encoder's weights with those of a published encoder.
   *
   * @param published a folder whose model may have further weights
   * @throws IOException if a file is missing or broken, or a tensor is missing or of another shape;
   *     the message names file and tensor
   */
  void loadEncoder(Path published) throws IOException {
    Path file = new TrainingFolder(published).weights();
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      StoredWeights.read(
          engine,
          weights.weights(),
          layout.source(),
          config.input().stored(),
          (scratch, part) -> load(tensors, part, scratch));
    } catch (UncheckedIOException e) {
      throw SafetensorsFile.checked(e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static NDArray load(SafetensorsFile tensors, StoredTensor part, NDManager scratch)
      throws IOException {
    NDArray tensor = tensors.load(scratch, part.name());
    if (!tensor.getShape().equals(part.shape())) {
      throw new IllegalArgumentException(
          "tensor %s has shape %s, expected %s"
              .formatted(part.name(), tensor.getShape(), part.shape()));
    }
    return tensor;
  }

  ClassifierConfig config() {
    return config;
  }

  ParameterStore weights() {
    return weights;
  }

  Kernels kernels() {
    return kernels;
  }

  /** What the kernels take for the network; they see what is written to the weights. */
  KernelValue network() {
    return network;
  }

  /**
   * The same of other learned weights, such as moving averages.
   *
   * @param learned in the order of its own
   * @return closed by the caller
   */
  KernelValue networkOf(NDList learned) {
    return networkOf(kernels, learned);
  }

  /** The same for kernels that were compiled with further files; also of gradients. */
  KernelValue networkOf(Kernels by, NDList learned) {
    Iterator<NDArray> next = learned.iterator();
    NDList all = new NDList();
    for (ParameterSpec spec : layout.specs()) {
      all.add(spec.group().learned() ? next.next() : weights.get(spec.name()));
    }
    return by.make(layout.network(), all);
  }

  /**
   * What the kernels take for a network that learns and moves other statistics.
   *
   * @param moving in the order of {@link #statistics()}
   * @return closed by the caller
   */
  KernelValue learning(NDList moving) {
    return learning(kernels, moving);
  }

  /** The same for kernels that were compiled with further files, see {@link #linked}. */
  KernelValue learning(Kernels by, NDList moving) {
    Iterator<NDArray> next = moving.iterator();
    NDList all = new NDList();
    for (ParameterSpec spec : layout.specs()) {
      all.add(layout.moving().contains(spec.name()) ? next.next() : weights.get(spec.name()));
    }
    return by.makeLearned(layout.network(), all);
  }

  /** The tensors that move with what is seen; they belong to it. */
  NDList statistics() {
    NDList statistics = new NDList();
    layout.moving().forEach(name -> statistics.add(weights.get(name)));
    return statistics;
  }

  /** Values of all weights, frozen ones too. */
  long parameters() {
    return layout.parameters();
  }

  /**
   * Logits by a network: [inputs][classes].
   *
   * @throws IllegalArgumentException if the inputs are not such as it takes
   */
  float[][] logits(KernelValue by, Inputs inputs) {
    config.input().requireFits(inputs);
    try (NDManager scratch = engine.newManager()) {
      float[] all =
          kernels
              .run(scratch, "class_logits", by, inputs.values(scratch), inputs.starts())
              .singletonOrThrow()
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
  public void close() {
    network.close();
    weights.close();
  }
}
