package io.millrace.encoder.encode;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import io.millrace.tensor.train.TrainingFolder;
import io.millrace.vision.network.NetworkWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * An encoder's weights and kernels: an encoder and a context, whose kernel files are linked.
 *
 * <p>Safe for use by several threads as long as nobody writes to the weights. Must not be closed
 * while in use.
 */
public final class EncoderModel implements AutoCloseable {

  private final TensorEngine engine;
  private final EncoderConfig config;
  private final KernelTuple tuple;
  private final ParameterStore weights;
  private final Kernels kernels;
  private final KernelValue network;

  private EncoderModel(
      TensorEngine engine,
      EncoderConfig config,
      KernelTuple tuple,
      ParameterStore weights,
      List<KernelSource> further) {
    this.engine = engine;
    this.config = config;
    this.tuple = tuple;
    this.weights = weights;
    List<KernelSource> sources = new ArrayList<>(config.kernels());
    sources.addAll(further);
    this.kernels = Kernels.shared(engine, sources);
    this.network = kernels.makeLearned(tuple, weights.tensors());
  }

  /** A fresh model whose weights depend on the seed alone. */
  public static EncoderModel create(TensorEngine engine, EncoderConfig config, long seed) {
    return create(engine, config, seed, List.of());
  }

  /**
   * The same.
   *
   * @param further kernel files that are compiled with the model's, to learn with
   */
  public static EncoderModel create(
      TensorEngine engine, EncoderConfig config, long seed, List<KernelSource> further) {
    NetworkWeights layout = new NetworkWeights(config.layers());
    KernelTuple tuple = config.tuple(layout);
    ParameterStore weights = ParameterStore.create(engine, layout.specs(), seed);
    return new EncoderModel(engine, config, tuple, weights, further);
  }

  /**
   * Reads {@code config.json} and {@code model.safetensors}.
   *
   * @throws IOException if a file is missing or broken, or a tensor is missing, too much or of the
   *     wrong shape; the message names file and tensor
   */
  public static EncoderModel load(TensorEngine engine, Path directory) throws IOException {
    return load(engine, directory, new TrainingFolder(directory).weights(), List.of());
  }

  /**
   * The same with weights that lie in another file.
   *
   * @param further kernel files that are compiled with the model's, to learn with
   * @throws IOException as {@link #load(TensorEngine, Path)}
   */
  public static EncoderModel load(
      TensorEngine engine, Path directory, Path file, List<KernelSource> further)
      throws IOException {
    EncoderConfig config = EncoderConfigFile.read(directory);
    NetworkWeights layout = new NetworkWeights(config.layers());
    KernelTuple tuple = config.tuple(layout);
    ParameterStore weights = ParameterStore.read(engine, layout.specs(), file);
    return new EncoderModel(engine, config, tuple, weights, further);
  }

  /** Writes {@code config.json} and {@code model.safetensors}. */
  public void save(Path directory) throws IOException {
    Files.createDirectories(directory);
    saveConfig(directory);
    SafetensorsWriter.write(new TrainingFolder(directory).weights(), weights.asMap(), Map.of());
  }

  /** Writes {@code config.json}. */
  public void saveConfig(Path directory) throws IOException {
    EncoderConfigFile.write(config, directory);
  }

  /** Its shape. */
  public EncoderConfig config() {
    return config;
  }

  /** Values of a document's vector. */
  public int width() {
    return config.width();
  }

  /** Its weights. */
  public ParameterStore weights() {
    return weights;
  }

  /** The functions of {@code encode.py}, of the parts, and of what is compiled with them. */
  public Kernels kernels() {
    return kernels;
  }

  /** What the kernels take for the network; it sees what is written to the weights. */
  public KernelValue network() {
    return network;
  }

  /**
   * What the kernels take for a network of other learned weights, such as moving averages.
   *
   * @param learned in the order of its own; what is not learned is its own
   * @return closed by the caller
   */
  public KernelValue networkOf(NDList learned) {
    Iterator<NDArray> next = learned.iterator();
    NDList all = new NDList();
    for (ParameterSpec spec : weights.specs()) {
      all.add(spec.group().learned() ? next.next() : weights.get(spec.name()));
    }
    return kernels.make(tuple, all);
  }

  /**
   * Encodes documents.
   *
   * @return a vector for each, of {@link #width} values
   * @throws IllegalArgumentException if the batch is not what the model takes
   */
  public List<float[]> encode(EncoderBatch batch) {
    try (NDManager scratch = engine.newManager()) {
      float[] values = encode(scratch, network, batch).toFloatArray();
      List<float[]> vectors = new ArrayList<>(batch.size());
      for (int i = 0; i < batch.size(); i++) {
        vectors.add(Arrays.copyOfRange(values, i * width(), (i + 1) * width()));
      }
      return vectors;
    }
  }

  /** The same as a tensor [N, width], by this network or one of {@link #networkOf}. */
  public NDArray encode(NDManager results, KernelValue by, EncoderBatch batch) {
    config.encoder().requireFits(batch);
    return kernels
        .run(results, "document_vectors", by, batch.values(results), batch.starts())
        .singletonOrThrow();
  }

  @Override
  public void close() {
    network.close();
    weights.close();
  }
}
