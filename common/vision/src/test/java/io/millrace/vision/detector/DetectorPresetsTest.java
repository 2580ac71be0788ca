package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.scene.Scene;
import io.millrace.vision.scene.SceneRenderer;
import io.millrace.vision.train.DetectorStep;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import io.millrace.vision.train.SampleBatch;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DetectorPresetsTest {

  private static final List<String> CLASSES = SceneRenderer.classes();

  private final TensorEngine engine = TensorEngine.start("cpu");

  /** Those that are small enough to be trained here. */
  static Stream<String> small() {
    return DetectorPresets.NAMES.stream()
        .filter(name -> parameters(DetectorPresets.of(name)) < 8_000_000);
  }

  private static long parameters(DetectorConfig config) {
    return DetectorLayout.of(config).specs().stream().mapToLong(spec -> spec.count()).sum();
  }

  @ParameterizedTest
  @MethodSource("small")
  void learnsFromScenesAndFinds(String name) {
    // MTCNN is for one class: all figures are one to it.
    boolean one = name.equals("mtcnn");
    DetectorConfig config = DetectorPresets.of(name, one ? List.of("figure") : CLASSES, 128, 128);
    Scene scene = new SceneRenderer(128, 128, 3).render(1);
    List<LabelledBox> boxes =
        scene.boxes().stream()
            .map(box -> one ? new LabelledBox(box.box(), 0, box.crowd()) : box)
            .toList();
    SampleBatch batch = SampleBatch.of(List.of(scene.picture()), List.of(boxes));
    try (DetectorTrainer trainer =
        DetectorTrainer.create(engine, config, DetectorTrainingSettings.standard(), 1)) {
      DetectorStep step = trainer.step(batch, 1e-3);
      assertThat(step.loss()).isFinite().isPositive();
      assertThat(step.gradientNorm()).isFinite().isPositive();
      assertThat(step.losses().parts().keySet()).containsExactlyElementsOf(config.head().losses());
      assertThat(trainer.detect(batch, 0, 10).getFirst()).hasSizeLessThanOrEqualTo(10);
    }
  }

  @Test
  void familiesAreCompleteAndNamedOnce() {
    assertThat(DetectorPresets.NAMES)
        .doesNotHaveDuplicates()
        .contains(
            "centernet-nano",
            "fcos-nano",
            "retinanet-nano",
            "ssd-nano",
            "s3fd-nano",
            "faceboxes-nano",
            "yolo-v1-nano",
            "yolo-v1",
            "faster-rcnn-nano",
            "trident-rcnn-nano",
            "mtcnn");
    assertThat(DetectorPresets.of("centernet-nano")).isEqualTo(DetectorPresets.of("nano"));
    assertThat(DetectorPresets.of("Centernet-Micro")).isEqualTo(DetectorPresets.of("micro"));
    assertThat(small().count()).isGreaterThanOrEqualTo(10);
  }

  /**
   * 271,703,550 weights and biases, as known of the paper's figure 3 with 20 classes; norms have
   * two values a channel where the paper has a bias.
   */
  @Test
  void yoloHasThePublishedNumberOfParameters() {
    List<String> classes = IntStream.range(0, 20).mapToObj(i -> "class" + i).toList();
    List<ParameterSpec> specs =
        DetectorLayout.of(DetectorPresets.of("yolo-v1", classes, 448, 448)).specs().stream()
            .filter(spec -> spec.group().learned())
            .toList();
    long channels =
        specs.stream()
            .filter(spec -> spec.name().endsWith("norm.bias"))
            .mapToLong(ParameterSpec::count)
            .sum();
    assertThat(specs.stream().mapToLong(ParameterSpec::count).sum() - channels)
        .isEqualTo(271_703_550L);
  }

  /**
   * torchvision's fasterrcnn_resnet50_fpn has 41,755,286 with 91 classes, one of them background,
   * and statistics of frozen norms that are no parameters. Here proposals have a norm too, in place
   * of a bias.
   */
  @Test
  void fasterRcnnHasThePublishedNumberOfParameters() {
    List<String> classes = IntStream.range(0, 90).mapToObj(i -> "class" + i).toList();
    DetectorConfig config = DetectorPresets.of("faster-rcnn-r50-fpn", classes, 1344, 800);
    long learned =
        DetectorLayout.of(config).specs().stream()
            .filter(spec -> spec.group().learned())
            .mapToLong(spec -> spec.count())
            .sum();
    long background = 4 * (1024 + 1); // torchvision has a box for it
    long norms = 2 * 26_560; // of the backbone: buffers there, learned here
    assertThat(learned).isEqualTo(41_755_286L - background + norms + 256);
  }
}
