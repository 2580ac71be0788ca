package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.detector.head.CenterNetHead;
import io.millrace.vision.detector.head.YoloV1Head;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.NoNeck;
import io.millrace.vision.network.ResidualBackbone;
import io.millrace.vision.network.TopDownNeck;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class DetectorPlanTest {

  static final List<String> NAMES = DetectorPresets.NAMES;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void countsWhatIsCountedByHand() {
    DetectorConfig config =
        new DetectorConfig(
            DetectorConfig.ARCHITECTURE,
            List.of("a"),
            64,
            32,
            LayerStyle.groups(4),
            new ResidualBackbone(List.of(4, 8, 8), List.of(1, 0)),
            new TopDownNeck(8),
            CenterNetHead.published(4));
    DetectorPlan plan = DetectorPlan.of(engine, config);
    long stem = 27 * 4 * 512; // 32 x 16 cells
    long stages = 36 * 8 * 128 + 2 * 72 * 8 * 128 + 72 * 8 * 32;
    assertThat(plan.multiplyAdds())
        .containsEntry("backbone", stem + stages)
        .containsEntry("neck", 8L * 8 * 128 + 8 * 8 * 32 + 72 * 8 * 128)
        .containsEntry("head", 72L * 4 * 128 + 4 * 1 * 128 + 4 * 4 * 128);
    long norms = 2 * (4 + 8 + 8 + 8 + 8);
    assertThat(plan.parameters())
        .containsEntry("backbone", 27L * 4 + 36 * 8 + 2 * 72 * 8 + 72 * 8 + norms);
    assertThat(plan.weightBytes()).isEqualTo(4 * plan.allParameters());
    assertThat(plan.trainingBytes()).isEqualTo(16 * plan.allParameters());
    long maps =
        4 * 512 + 3 * 8 * 128 + 8 * 32 + 8 * 128 + 8 * 32 + 8 * 128 + 4 * 128 + 1 * 128 + 4 * 128;
    assertThat(plan.mapBytes()).isEqualTo(4 * maps);
  }

  @Test
  void countsFullyConnectedLayers() {
    DetectorConfig config =
        new DetectorConfig(
            DetectorConfig.ARCHITECTURE,
            List.of("a", "b"),
            16,
            16,
            LayerStyle.groups(4),
            new ResidualBackbone(List.of(4, 4, 4), List.of(0, 0)),
            new NoNeck(List.of(8)),
            new YoloV1Head(2, 4, 0, 10, 0.5, true, 5, 0.5));
    DetectorPlan plan = DetectorPlan.of(engine, config);
    assertThat(plan.multiplyAdds()).containsEntry("head", 16L * 10 + 10 * 12 * 4);
  }

  @Test
  void doesNotGuessWhatDependsOnThePicture() {
    DetectorPlan plan = DetectorPlan.of(engine, SmallDetectors.mtcnn(64, 10));
    assertThat(plan.multiplyAdds()).doesNotContainKey("head");
    assertThat(plan.parameters().get("head")).isPositive();
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void everyPresetCanBeCounted(String name) {
    DetectorConfig config = DetectorPresets.of(name);
    DetectorPlan plan = DetectorPlan.of(engine, config);
    assertThat(plan.inputWidth()).isEqualTo(config.inputWidth());
    assertThat(plan.allParameters()).isPositive();
    if (!name.equals("mtcnn")) {
      assertThat(plan.allMultiplyAdds()).isGreaterThan(plan.allParameters());
      assertThat(plan.multiplyAdds().get("head")).isPositive();
    }
  }
}
