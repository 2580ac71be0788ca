package io.millrace.vision.detector;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.loss.Loss;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import io.millrace.tensor.train.TrainingFolder;
import io.millrace.vision.box.Detection;
import io.millrace.vision.network.Products;
import io.millrace.vision.network.Upsampling;
import io.millrace.vision.suppress.Suppression;
import io.millrace.vision.suppress.Suppressor;
import io.millrace.vision.view.Placement;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A detector's weights and kernels: a backbone, a neck and a head, whose kernel files are linked.
 *
 * <p>Safe for use by several threads as long as nobody writes to the weights.
 */
public final class DetectorNetwork implements AutoCloseable {

  /** Of a picture, where some will be suppressed; the usual number (Faster R-CNN, SSD, FCOS). */
  private static final int CANDIDATES = 1000;

  private final TensorEngine engine;
  private final DetectorConfig config;
  private final DetectorLayout layout;
  private final ParameterStore weights;
  private final Kernels kernels;
  private final KernelValue network;
  private final Suppressor suppressor;

  private DetectorNetwork(
      TensorEngine engine, DetectorConfig config, DetectorLayout layout, ParameterStore weights) {
    this.engine = engine;
    this.config = config;
    this.layout = layout;
    this.weights = weights;
    this.kernels = kernels(engine, config);
    this.network = kernels.makeLearned(layout.network(), weights.tensors());
    this.suppressor = new Suppressor(engine);
  }

  /** The kernels of a configuration. */
  static Kernels kernels(TensorEngine engine, DetectorConfig config) {
    return kernels(engine, config, Products.F32);
  }

  /** The same with other products. */
  static Kernels kernels(TensorEngine engine, DetectorConfig config, Products products) {
    return Kernels.shared(engine, sources(config, products, config.head().kernels()));
  }

  /**
   * The same for learning by a loss that is not the head's own.
   *
   * @throws IllegalArgumentException if the head cannot be learned by it
   */
  static Kernels kernels(TensorEngine engine, DetectorConfig config, Products products, Loss loss) {
    return Kernels.shared(engine, sources(config, products, config.head().kernels(loss)));
  }

  /** The kernel files of a configuration. */
  static List<KernelSource> sources(DetectorConfig config) {
    return sources(config, Products.F32, config.head().kernels());
  }

  private static List<KernelSource> sources(
      DetectorConfig config, Products products, List<KernelSource> head) {
    List<KernelSource> sources = new ArrayList<>(products.kernels());
    sources.add(KernelSource.of(DetectorNetwork.class, "detector.py"));
    sources.add(KernelSource.of(DetectorNetwork.class, "augment.py"));
    sources.add(Upsampling.kernel());
    sources.add(config.layers().activation().kernelInPlace()); // Of fresh sums and products.
    sources.addAll(config.backbone().kernels());
    sources.addAll(config.neck().kernels());
    sources.addAll(head);
    return sources.stream().distinct().toList(); // Parts may use the same files.
  }

  /** A fresh network whose weights depend on the seed alone. */
  public static DetectorNetwork create(TensorEngine engine, DetectorConfig config, long seed) {
    DetectorLayout layout = DetectorLayout.of(config);
    return new DetectorNetwork(
        engine, config, layout, ParameterStore.create(engine, layout.specs(), seed));
  }

  /**
   * Reads {@code config.json} and {@code model.safetensors}.
   *
   * @throws IOException if a file is missing or broken, or a tensor is missing, too much or of the
   *     wrong shape; the message names file and tensor
   */
  public static DetectorNetwork load(TensorEngine engine, Path directory) throws IOException {
    return load(engine, directory, new TrainingFolder(directory).weights());
  }

  /**
   * The same with weights that lie in another file.
   *
   * @throws IOException as {@link #load(TensorEngine, Path)}
   */
  public static DetectorNetwork load(TensorEngine engine, Path directory, Path file)
      throws IOException {
    DetectorConfig config = DetectorConfigFile.read(directory);
    DetectorLayout layout = DetectorLayout.of(config);
    return new DetectorNetwork(
        engine, config, layout, ParameterStore.read(engine, layout.specs(), file));
  }

  /** Writes {@code config.json} and {@code model.safetensors}. */
  public void save(Path directory) throws IOException {
    Files.createDirectories(directory);
    saveConfig(directory);
    SafetensorsWriter.write(new TrainingFolder(directory).weights(), weights.asMap(), Map.of());
  }

  /** Writes {@code config.json}. */
  public void saveConfig(Path directory) throws IOException {
    DetectorConfigFile.write(config, directory);
  }

  /** Its shape. */
  public DetectorConfig config() {
    return config;
  }

  /** Its weights. */
  public ParameterStore weights() {
    return weights;
  }

  /** The functions of {@code detector.py} and of the parts. */
  public Kernels kernels() {
    return kernels;
  }

  /** What the kernels take for the network; they see what is written to the weights. */
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
    return kernels.make(layout.network(), layout.ordered(learned, layout.statistics(weights)));
  }

  /** The order of its tensors. */
  DetectorLayout layout() {
    return layout;
  }

  /**
   * Pixels as a tensor of bytes [N, height, width, 3].
   *
   * @param rgb direct, as many pictures of the input size as fit
   * @throws IllegalArgumentException if the bytes are not whole pictures
   */
  public NDArray pixels(NDManager manager, ByteBuffer rgb) {
    int picture = 3 * config.inputWidth() * config.inputHeight();
    if (rgb.remaining() == 0 || rgb.remaining() % picture != 0) {
      throw new IllegalArgumentException(
          "%d bytes are not pictures of %d x %d pixels"
              .formatted(rgb.remaining(), config.inputWidth(), config.inputHeight()));
    }
    Shape shape =
        new Shape(rgb.remaining() / picture, config.inputHeight(), config.inputWidth(), 3);
    return manager.create(rgb.duplicate(), shape, DataType.UINT8);
  }

  /**
   * Finds objects, best first, at most {@code max} a picture: those of lower score are left out,
   * and those that the configuration's rule suppresses.
   *
   * @param rgb direct, [N, height, width, 3] of the input size
   * @param placements where each picture itself is in that: a branch's range of sizes is in pixels
   *     of the picture
   * @param minScore detections below are left out
   * @return for each picture, boxes in its pixels, which may reach beyond its edges
   */
  public List<List<Detection>> detect(
      ByteBuffer rgb, List<Placement> placements, double minScore, int max) {
    return detect(network, rgb, placements, minScore, max);
  }

  /** The same with another network, see {@link #networkOf}. */
  public List<List<Detection>> detect(
      KernelValue other, ByteBuffer rgb, List<Placement> placements, double minScore, int max) {
    Suppression rule = config.suppression();
    List<List<Detection>> found = candidates(other, rgb, placements, minScore, rule, max);
    return suppressor.suppress(found, rule, max).stream()
        .map(all -> all.stream().filter(one -> one.score() >= minScore).toList())
        .toList();
  }

  /** What a rule is then to choose at most {@code max} from: branch by branch, by falling score. */
  List<List<Detection>> candidates(
      ByteBuffer rgb, List<Placement> placements, double minScore, Suppression rule, int max) {
    return candidates(network, rgb, placements, minScore, rule, max);
  }

  private List<List<Detection>> candidates(
      KernelValue other,
      ByteBuffer rgb,
      List<Placement> placements,
      double minScore,
      Suppression rule,
      int max) {
    if (!(minScore >= 0 && minScore <= 1) || max < 1) {
      throw new IllegalArgumentException(
          "the lowest score must be in [0, 1] and at least 1 detection wanted: %s, %d"
              .formatted(minScore, max));
    }
    long wanted = rule instanceof Suppression.None ? max : Math.max(max, CANDIDATES);
    try (NDManager scratch = engine.newManager()) {
      NDArray pixels = pixels(scratch, rgb);
      if (pixels.getShape().get(0) != placements.size()) {
        throw new IllegalArgumentException(
            "%d pictures with %d placements"
                .formatted(pixels.getShape().get(0), placements.size()));
      }
      long[] branches = config.backbone().branches().looking();
      NDList result = kernels.run(scratch, "detect", other, pixels, wanted, branches);
      return new CandidateRows(config)
          .read(result.singletonOrThrow().toFloatArray(), placements, minScore);
    }
  }

  @Override
  public void close() {
    network.close();
    weights.close();
  }
}
