package io.millrace.benchmarks.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.tensor.activation.Activation;
import io.millrace.vision.augment.CopyPaste;
import io.millrace.vision.augment.Oversampling;
import io.millrace.vision.augment.RandomScale;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.view.Pyramid;
import io.millrace.vision.view.Slices;
import io.millrace.vision.view.Whole;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsTest {

  @Test
  void nothingIsDoneForSmallObjectsUnlessAskedFor() {
    Settings settings = Settings.of(List.of());
    assertThat(settings.smallObjects().changes(0.4)).isEmpty();
    assertThat(settings.smallObjects().viewing()).isInstanceOf(Whole.class);
  }

  @Test
  void readsWhatIsDoneForSmallObjects() {
    Settings settings =
        Settings.of(
            List.of(
                "preset=claims/dilation-1",
                "copy_paste=2",
                "oversample=3",
                "small_size=12",
                "large_size=24",
                "scales=2:0-20,1:8-38,0.5:30-",
                "slices=128"));
    assertThat(settings.detector()).isEqualTo("claims/dilation-1");
    assertThat(settings.smallObjects().changes(0.4))
        .containsExactly(
            new Oversampling(3, 12),
            new CopyPaste(2, 12),
            new RandomScale(Pyramid.parse("2:0-20,1:8-38,0.5:30-"), 0.4));
    assertThat(settings.smallObjects().viewing()).isEqualTo(new Slices(128, 0.25));
  }

  @Test
  void looksAtPicturesInAPyramid() {
    assertThat(Settings.of(List.of("pyramid=2,1,0.5")).smallObjects().viewing())
        .isEqualTo(Pyramid.parse("2,1,0.5"));
  }

  @Test
  void changesTheActivationAlone() {
    List<String> classes = List.of("nucleus");
    List<String> size = List.of("preset=claims/centernet", "width=256", "height=256");
    DetectorConfig own = Settings.of(size).config(classes);
    DetectorConfig other =
        Settings.of(List.of(size.get(0), size.get(1), size.get(2), "activation=mish"))
            .config(classes);
    assertThat(own.layers().activation()).isEqualTo(Activation.RELU);
    assertThat(other).isEqualTo(own.withLayers(own.layers().withActivation(Activation.MISH)));
    assertThatThrownBy(() -> Settings.of(List.of("activation=rely")).config(classes))
        .hasMessageContaining("rely");
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> Settings.of(List.of("pyramid=2,1", "slices=128")))
        .hasMessageContaining("slices or in a pyramid");
    assertThatThrownBy(() -> Settings.of(List.of("small_size=30", "large_size=20")))
        .hasMessageContaining("30.0");
    assertThatThrownBy(() -> Settings.of(List.of("copy_paste=-1")))
        .hasMessageContaining("copy_paste must be a whole number from 0");
    assertThatThrownBy(() -> Settings.of(List.of("steps=0")))
        .hasMessageContaining("steps must be a whole number from 1");
  }
}
