package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.detector.head.BoxStage;
import io.millrace.vision.detector.head.FifthStage;
import io.millrace.vision.detector.head.ProposalStage;
import io.millrace.vision.detector.head.RoiAlign;
import io.millrace.vision.detector.head.TwoStageHead;
import io.millrace.vision.detector.match.CellAnchors;
import io.millrace.vision.detector.match.Matching;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.NoNeck;
import io.millrace.vision.network.Norm;
import io.millrace.vision.network.ResidualBackbone;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The last stage of a ResNet as what tells classes and boxes of regions. */
class FifthStageTest {

  private static final int SIDE = 16;
  private static final LayerStyle PLAIN =
      new LayerStyle(Activation.TANH, Norm.NONE, 1, /* bias= */ true);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  /** On one map of 256 channels, those of ResNet-18's fourth stage, which learns from 4 regions. */
  private static DetectorConfig config(FifthStage stage, LayerStyle style, int channels) {
    ProposalStage proposals =
        new ProposalStage(
            4,
            List.of(CellAnchors.square(8)),
            new Matching(0.7, 0.3, Matching.Leftover.BEST),
            8,
            0.5,
            0.7,
            20,
            8,
            20,
            8);
    BoxStage boxes = new BoxStage(stage, new RoiAlign(3, 1, true), 1, 32, 0.5, 4, 0.5, true, false);
    return new DetectorConfig(
        DetectorConfig.ARCHITECTURE,
        List.of("a", "b"),
        SIDE,
        SIDE,
        style,
        new ResidualBackbone(List.of(4, 4, channels), List.of(0, 0)),
        new NoNeck(List.of(8)),
        new TwoStageHead(proposals, boxes, 0.5));
  }

  private Kernels kernels(DetectorConfig config) {
    List<KernelSource> sources = new ArrayList<>(DetectorNetwork.sources(config));
    sources.add(KernelSource.of(TwoStageKernelsTest.class, "two_stage_check.py"));
    return Kernels.shared(engine, sources);
  }

  /** torchvision's layer4 of ResNet-50 and of ResNet-18. */
  @Test
  void hasTorchvisionsParameters() {
    assertThat(learnedInStage(DetectorPresets.of("trident-r50"))).isEqualTo(14_964_736);
    assertThat(learnedInStage(DetectorPresets.of("faster-rcnn-r50-c4"))).isEqualTo(14_964_736);
    LayerStyle batch = new LayerStyle(Activation.RELU, Norm.BATCH, 1, /* bias= */ false);
    DetectorConfig small = config(new FifthStage(18, false, 2, 1), batch, 256);
    assertThat(learnedInStage(small)).isEqualTo(8_393_728);
    assertThat(small.head().published("head.boxes.layer4.0.bn1.running_mean"))
        .isEqualTo("layer4.0.bn1.running_mean");
    assertThat(small.head().published("head.boxes.scores.weight")).isEmpty();
  }

  private static long learnedInStage(DetectorConfig config) {
    return DetectorLayout.of(config).specs().stream()
        .filter(spec -> spec.group().learned() && spec.name().startsWith("head.boxes.layer4."))
        .mapToLong(ParameterSpec::count)
        .sum();
  }

  /** Only the shortcut of the first block has weights: it takes every other cell. */
  @Test
  void averagesTheCellsThatItsStrideLeaves() {
    double squares = 0;
    double[] features = new double[256 * 9];
    for (int i = 0; i < 9; i++) {
      features[9 + i] = 0.01 * (i + 1) * (i + 1); // of channel 1
      squares += Math.tanh(Math.tanh(features[9 + i])) / 9;
    }
    double corners = 0;
    for (int i : new int[] {0, 2, 6, 8}) {
      corners += Math.tanh(Math.tanh(features[9 + i])) / 4;
    }
    assertThat(mean(new FifthStage(18, false, 2, 1), features)).isCloseTo(corners, within(1e-12));
    assertThat(mean(new FifthStage(18, false, 1, 2), features)).isCloseTo(squares, within(1e-12));
  }

  /** What channel 3 is, which the shortcut takes from channel 1. */
  private double mean(FifthStage stage, double[] features) {
    DetectorConfig config = config(stage, PLAIN, 256);
    NDList weights = new NDList();
    for (ParameterSpec spec : DetectorLayout.of(config).specs()) {
      double[] values = new double[(int) spec.count()];
      if (spec.name().equals("head.boxes.layer4.0.downsample.0.weight")) {
        values[3 * 256 + 1] = 1;
      }
      weights.add(manager.create(values, spec.shape()));
    }
    Kernels kernels = kernels(config);
    try (KernelValue made = kernels.make(DetectorLayout.of(config).network(), weights)) {
      NDArray x = manager.create(features, new Shape(1, 256, 3, 3));
      double[] told =
          kernels.run(manager, "told_apart", made, x).singletonOrThrow().toDoubleArray();
      assertThat(told).hasSize(512);
      return told[3];
    }
  }

  @Test
  void gradientsAreThoseOfFiniteDifferences() {
    DetectorConfig config = config(new FifthStage(18, false, 2, 2), PLAIN, 256);
    Kernels kernels = kernels(config);
    try (DetectorGradients gradients =
        new DetectorGradients(engine, kernels, config, /* pictures= */ 1, 0.01)) {
      NDArray objects = gradients.rows(new double[] {0, 1, 8, 8, 9, 7});
      NDArray ignored = gradients.rows();
      NDArray given = gradients.run("first_proposals").singletonOrThrow();
      gradients.check(
          new GradientCheck(1e-5, 2, 1),
          1e-5,
          objects,
          ignored,
          (scratch, network, rgb, task, counts) ->
              kernels.run(scratch, "frozen_loss", network, rgb, task, counts, given));
    }
  }

  @Test
  void refusesMapsOfOtherStages() {
    assertThatThrownBy(() -> config(new FifthStage(50, false, 1, 2), PLAIN, 256))
        .hasMessageContaining("works on 1024 channels, those of its fourth; the map has 256");
    assertThatThrownBy(() -> new FifthStage(50, false, 3, 1)).hasMessageContaining("stride 3");
    assertThatThrownBy(() -> new FifthStage(50, false, 1, 0)).hasMessageContaining("dilation of 0");
    assertThatThrownBy(() -> new FifthStage(20, false, 1, 1)).hasMessageContaining("depth 20");
  }

  /** The form of a config.json before boxes could be told by a stage. */
  @Test
  void readsTheEarlierFormOfConnectedLayers() throws IOException {
    DetectorConfig nano = DetectorPresets.of("faster-rcnn-nano");
    try (var json = DetectorPresets.class.getResourceAsStream("presets/faster-rcnn-nano.json")) {
      String text = new String(json.readAllBytes(), StandardCharsets.UTF_8);
      String earlier =
          text.replaceFirst(
              "\"network\": \\{\\s+\"type\": \"connected\",\\s+(\"width\": \\d+)\\s+\\}", "$1");
      assertThat(earlier).doesNotContain("connected");
      assertThat(DetectorConfigFile.read("earlier", earlier.getBytes(StandardCharsets.UTF_8)))
          .isEqualTo(nano);
    }
  }
}
