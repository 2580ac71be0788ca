package io.millrace.vision.detector;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.network.Limits;
import io.millrace.vision.receptive.Field;
import io.millrace.vision.receptive.GradientMap;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Measures what the cells of a detector's maps depend on: the gradient of the middle cell's sum
 * over channels by the pixels of random pictures (Luo et al. 2016, "Understanding the Effective
 * Receptive Field", arXiv 1701.04128). The maps are those that the head reads; its own layers are
 * left out.
 *
 * <p>It is measured in pictures that are just large enough for the field by layers, or as large as
 * the detector's input if that is smaller.
 */
public final class EffectiveFields {

  /** Pictures that can be averaged over. */
  public static final int MOST_PICTURES = 1000;

  private final TensorEngine engine;
  private final DetectorNetwork network;
  private final Kernels kernels;

  /** Of a network, which stays the caller's. */
  public EffectiveFields(TensorEngine engine, DetectorNetwork network) {
    this.engine = engine;
    this.network = network;
    List<KernelSource> sources = new ArrayList<>(DetectorNetwork.sources(network.config()));
    sources.add(KernelSource.of(EffectiveFields.class, "effective.py"));
    this.kernels = Kernels.shared(engine, sources);
  }

  /**
   * The fields of all maps of all branches that detect, in the order of {@link DetectorFields}.
   *
   * @param pictures to average over, 1 to {@value #MOST_PICTURES}
   * @param seed of the pictures, which are noise
   */
  public List<EffectiveField> measure(int pictures, long seed) {
    Limits.require(
        pictures >= 1 && pictures <= MOST_PICTURES,
        "gradients can be averaged over 1 to %s pictures, not %s",
        MOST_PICTURES,
        pictures);
    DetectorConfig config = network.config();
    List<EffectiveField> fields = new ArrayList<>();
    List<MapField> maps = DetectorFields.of(config).maps();
    int levels = maps.size() / config.backbone().branches().detecting().size();
    try (KernelValue made =
        kernels.makeLearned(DetectorLayout.of(config).network(), network.weights().tensors())) {
      for (int i = 0; i < maps.size(); i++) {
        fields.add(measure(made, maps.get(i), i % levels, pictures, new Random(seed)));
      }
    }
    return fields;
  }

  private EffectiveField measure(
      KernelValue made, MapField map, int level, int pictures, Random random) {
    Field field = map.before(network.config().head().layers().size());
    int width = side(field, network.config().inputWidth());
    int height = side(field, network.config().inputHeight());
    double[] sums = new double[width * height];
    for (int i = 0; i < pictures; i++) {
      try (NDManager scratch = engine.newManager()) {
        NDArray rgb = noise(scratch, width, height, random);
        double[] squares =
            kernels
                .runRecording(scratch, "cell_gradient", made, rgb, level, map.branch())
                .singletonOrThrow()
                .toType(DataType.FLOAT64, /* copy= */ false)
                .toDoubleArray();
        for (int pixel = 0; pixel < sums.length; pixel++) {
          sums[pixel] += squares[pixel];
        }
      }
    }
    double x = middle(field, map.stride(), width);
    double y = middle(field, map.stride(), height);
    return new EffectiveField(
        map.stride(), map.branch(), field, x, y, new GradientMap(width, height, sums));
  }

  /** A side with room for the field around the middle cell, a multiple of the coarsest stride. */
  private int side(Field field, int input) {
    int coarsest = network.config().backbone().coarsestStride();
    int needed = (int) Math.ceil((field.size() + 2 * field.jump()) / coarsest) * coarsest;
    return Math.min(needed, input);
  }

  /** Where the middle one of the cells along a side has its own middle. */
  private static double middle(Field field, int stride, int side) {
    return field.start() + field.jump() * (Math.ceilDiv(side, stride) / 2);
  }

  private static NDArray noise(NDManager manager, int width, int height, Random random) {
    byte[] rgb = new byte[3 * width * height];
    random.nextBytes(rgb);
    ByteBuffer bytes = ByteBuffer.allocateDirect(rgb.length).put(rgb).flip();
    return manager.create(bytes, new Shape(1, height, width, 3), DataType.UINT8);
  }
}
