package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.network.Backbone;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Norm;
import io.millrace.vision.network.Products;
import io.millrace.vision.network.ResNetBackbone;
import io.millrace.vision.network.VggBackbone;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of bfloat16 layers against those of float32 ones, and what they are taken of. */
class LearningNetworkTest {

  private static final int SIDE = 64;
  private static final long[] ONE_BRANCH = {0};

  private static final DetectorConfig PLAIN =
      SmallDetectors.centerNet(
          List.of("a", "b"), SIDE, SIDE, List.of(8, 16, 24), List.of(1, 1), 16, 16, 8);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private static DetectorConfig styled(Activation activation, Norm norm, boolean bias) {
    return SmallDetectors.withLayers(PLAIN, new LayerStyle(activation, norm, 8, bias));
  }

  private static DetectorConfig with(Backbone backbone, Norm norm) {
    return SmallDetectors.withBackbone(styled(Activation.RELU, norm, /* bias= */ false), backbone);
  }

  static List<Arguments> shapes() {
    SizeRange all = new SizeRange(0, Double.POSITIVE_INFINITY);
    return List.of(
        Arguments.of("group norm", PLAIN, new long[] {0}),
        Arguments.of("batch norm", styled(Activation.RELU, Norm.BATCH, false), new long[] {0}),
        Arguments.of("frozen", styled(Activation.SILU, Norm.FROZEN_BATCH, true), new long[] {0}),
        Arguments.of("no norm, a slope", styled(Activation.PRELU, Norm.NONE, true), ONE_BRANCH),
        Arguments.of("resnet", with(new ResNetBackbone(18, false, 3), Norm.BATCH), ONE_BRANCH),
        Arguments.of(
            "branches",
            SmallDetectors.trident(PLAIN, 1, List.of(all, all, all)),
            new long[] {0, 1, 2}),
        Arguments.of(
            "two stages",
            SmallDetectors.twoStage(List.of("a", "b"), SIDE, SIDE, 16, false),
            ONE_BRANCH));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shapes")
  void gradientsOfBfloat16AreThoseOfFloat32(String name, DetectorConfig config, long[] branches) {
    try (DetectorNetwork network = DetectorNetwork.create(engine, config, 3)) {
      float[] exact = gradients(network, Products.F32, branches);
      float[] rounded = gradients(network, Products.BF16, branches);
      double difference = 0;
      double whole = 0;
      for (int i = 0; i < exact.length; i++) {
        difference += Math.pow(rounded[i] - exact[i], 2);
        whole += Math.pow(exact[i], 2);
      }
      assertThat(Math.sqrt(difference / whole)).isPositive().isLessThan(0.1);
    }
  }

  private float[] gradients(DetectorNetwork network, Products products, long[] branches) {
    Random random = new Random(4);
    byte[] rgb = new byte[2 * 3 * SIDE * SIDE];
    random.nextBytes(rgb);
    NDArray pixels =
        manager.create(ByteBuffer.wrap(rgb), new Shape(2, SIDE, SIDE, 3), DataType.UINT8);
    NDArray objects =
        manager.create(
            new float[] {
              0, 1, 18, 32, 22, 26, 24, 0, 0, 49, 12, 17, 18, 17, 1, 1, 26, 29, 46, 42, 44
            },
            new Shape(3, 7));
    NDArray none = manager.zeros(new Shape(0, 7));
    NDArray same =
        manager.create(new float[] {1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0}, new Shape(2, 2, 3));
    NDArray tones = manager.create(new float[] {1, 0, 1, 0}, new Shape(2, 2));
    NDList gradients = new NDList();
    network.weights().learnedTensors().forEach(weight -> gradients.add(weight.zerosLike()));
    try (LearningNetwork learning = new LearningNetwork(engine, network, products)) {
      learning.begin();
      Kernels kernels = learning.kernels();
      KernelValue own = learning.value();
      long[] size = {SIDE, SIDE};
      try (KernelValue task =
          kernels.keep("prepared", own, objects, none, size, branches, new long[] {1, 2})) {
        double[] counts =
            kernels.run(manager, "counts", own, task).singletonOrThrow().toDoubleArray();
        NDList losses =
            kernels.runRecording(
                manager,
                "add_gradients",
                gradients,
                own,
                pixels,
                same,
                tones,
                task,
                counts,
                branches);
        assertThat(losses.singletonOrThrow().getDataType()).isEqualTo(DataType.FLOAT32);
      }
    }
    assertThat(gradients).allMatch(gradient -> gradient.getDataType() == DataType.FLOAT32);
    return join(gradients);
  }

  private static float[] join(NDList tensors) {
    List<float[]> parts = tensors.stream().map(NDArray::toFloatArray).toList();
    float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /** Statistics, scales and shifts of norms, and what a map is scaled by, are not layers' own. */
  @Test
  void normsAndLengthsStayFloat32() {
    assertThat(float32(PLAIN)).isNotEmpty().allMatch(name -> name.contains(".norm."));
    assertThat(float32(with(new VggBackbone(2, /* l2Norm= */ true), Norm.NONE)))
        .hasSize(2)
        .allMatch(name -> name.contains("l2"));
  }

  /** Names of tensors that are not rounded. */
  private static List<String> float32(DetectorConfig config) {
    DetectorLayout layout = DetectorLayout.of(config);
    return IntStream.range(0, layout.specs().size())
        .filter(place -> !layout.layers().contains(place))
        .mapToObj(place -> layout.specs().get(place).name())
        .toList();
  }

  @Test
  void weightsAreRoundedWhenAStepBegins() {
    try (DetectorNetwork network = DetectorNetwork.create(engine, PLAIN, 3);
        LearningNetwork learning = new LearningNetwork(engine, network, Products.BF16)) {
      NDArray weight = network.weights().get("head.heat.bias");
      learning.begin();
      float[] before = losses(learning);
      network.weights().load("head.heat.bias", weight.add(0.5f));
      assertThat(losses(learning)).isEqualTo(before);
      learning.begin();
      assertThat(losses(learning)).isNotEqualTo(before);
    }
  }

  private float[] losses(LearningNetwork learning) {
    NDArray pixels = manager.zeros(new Shape(1, SIDE, SIDE, 3), DataType.UINT8);
    NDArray none = manager.zeros(new Shape(0, 7));
    Kernels kernels = learning.kernels();
    long[] size = {SIDE, SIDE};
    try (KernelValue task =
        kernels.keep("prepared", learning.value(), none, none, size, ONE_BRANCH, new long[] {0})) {
      return kernels
          .run(
              manager,
              "batch_losses",
              learning.value(),
              pixels,
              task,
              new double[] {1, 1},
              ONE_BRANCH)
          .singletonOrThrow()
          .toFloatArray();
    }
  }
}
