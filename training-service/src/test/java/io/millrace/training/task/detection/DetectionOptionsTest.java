package io.millrace.training.task.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.vision.augment.AnchorSampling;
import io.millrace.vision.augment.ContextCrop;
import io.millrace.vision.augment.CopyPaste;
import io.millrace.vision.augment.Mosaic;
import io.millrace.vision.augment.Oversampling;
import io.millrace.vision.augment.RandomScale;
import io.millrace.vision.train.AugmentationSettings;
import io.millrace.vision.train.Precision;
import io.millrace.vision.view.Pyramid;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the options of a detection run stand for, and which are refused. */
class DetectionOptionsTest {
  private static final double VISIBLE = 0.4;
  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private static DetectionOptions with(Map<String, ?> given) {
    ObjectNode all = JSON.valueToTree(DetectionOptions.STANDARD);
    given.forEach((name, value) -> all.set(name, JSON.valueToTree(value)));
    return JSON.treeToValue(all, DetectionOptions.class);
  }

  @Test
  void changesNothingThatIsNotAskedFor() {
    AugmentationSettings usual = AugmentationSettings.standard();

    assertThat(DetectionOptions.STANDARD.batchChanges(VISIBLE)).isEmpty();
    assertThat(DetectionOptions.STANDARD.augmentation(usual)).isEqualTo(usual);
    assertThat(DetectionOptions.STANDARD.augmentation(usual.withoutFlip()))
        .isEqualTo(usual.withoutFlip());
    assertThat(with(Map.of("small_size", 0, "oversample", 0, "min_scale", 0, "max_scale", 0)))
        .isEqualTo(DetectionOptions.STANDARD);
  }

  @Test
  void makesEveryChangeInItsOrder() {
    DetectionOptions options =
        with(
            Map.of(
                "small_size",
                20,
                "oversample",
                3,
                "copy_paste",
                2,
                "mosaic",
                0.5,
                "anchor_sampling",
                0.25,
                "context",
                0.125,
                "scales",
                "2:0-30,0.5:10-"));

    assertThat(options.batchChanges(VISIBLE))
        .containsExactly(
            new Oversampling(3, 20),
            new CopyPaste(2, 20),
            new Mosaic(0.5, VISIBLE),
            new AnchorSampling(0.25, VISIBLE),
            new ContextCrop(0.125, 2, VISIBLE),
            new RandomScale(Pyramid.parse("2:0-30,0.5:10-"), VISIBLE));
  }

  @Test
  void changesHowEachPictureIsAugmented() {
    AugmentationSettings usual = AugmentationSettings.standard();

    assertThat(
            with(Map.of("vertical_flip", 0.5, "min_scale", 0.6, "max_scale", 1.5))
                .augmentation(usual))
        .isEqualTo(usual.withVerticalFlip(0.5).withScale(0.6, 1.5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          small_size      | -1    | small_size must be above 0
          oversample      | 0.5   | oversample must be between 1 and 100
          copy_paste      | 11    | copy_paste must be between 0 and 10
          mosaic          | 1.5   | mosaic must be 0 to 1
          anchor_sampling | -0.1  | anchor_sampling must be 0 to 1
          context         | 2     | context must be 0 to 1
          vertical_flip   | 2     | vertical_flip must be 0 to 1
          min_scale       | 2     | min_scale and max_scale must be
          min_scale       | 1e-300 | min_scale and max_scale must be 0.05 to 10
          min_scale       | -1    | min_scale and max_scale must be
          max_scale       | 11    | min_scale and max_scale must be
          """)
  void refusesWrongNumbers(String name, double value, String message) {
    Object given = name.equals("copy_paste") ? (Object) (int) value : value;
    assertThatThrownBy(() -> with(Map.of(name, given))).rootCause().hasMessageContaining(message);
  }

  @Test
  void learnsInThePrecisionThatIsAskedFor() {
    assertThat(DetectionOptions.STANDARD.numbers()).isEqualTo(Precision.F32);
    assertThat(DetectionOptions.STANDARD.precision()).isEqualTo("f32");
    assertThat(with(Map.of("precision", "bf16")).numbers()).isEqualTo(Precision.BF16);
    assertThatThrownBy(() -> with(Map.of("precision", "fp8")))
        .hasStackTraceContaining("precision of a detector must be one of f32, bf16; it is 'fp8'");
  }

  @Test
  void refusesScalesThatAreNone() {
    assertThatThrownBy(() -> with(Map.of("scales", "big")))
        .hasStackTraceContaining("scales must be factors");
    assertThatThrownBy(() -> with(Map.of("scales", "1:9-3")))
        .hasStackTraceContaining("must not end before it begins");
    assertThatThrownBy(() -> with(Map.of("scales", "1:20-,2:0-10")))
        .hasStackTraceContaining("sizes from 10.0 to 20.0 belong to none of the scales");
  }
}
