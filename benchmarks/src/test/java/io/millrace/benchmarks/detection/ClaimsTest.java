package io.millrace.benchmarks.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorPresets;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ClaimsTest {

  static final List<String> NAMES = Claims.NAMES;

  @ParameterizedTest
  @FieldSource("NAMES")
  void everyClaimTakesOtherClassesAndSizes(String name) {
    DetectorConfig config =
        Claims.detector("claims/" + name).withInput(List.of("a", "b").subList(0, 1), 256, 128);
    assertThat(config.inputHeight()).isEqualTo(128);
    assertThat(config.classes()).containsExactly("a");
  }

  @Test
  void claimsDifferInWhatTheyCompareOnly() {
    DetectorConfig shared = Claims.detector("claims/trident");
    DetectorConfig ranges = Claims.detector("claims/trident-ranges");
    assertThat(ranges.head()).isEqualTo(shared.head());
    assertThat(ranges.neck()).isEqualTo(shared.neck());
    assertThat(shared.backbone().branches().ranges()).containsOnly(SizeRange.ALL);
    assertThat(ranges.backbone().branches().ranges()).doesNotContain(SizeRange.ALL).hasSize(3);
    assertThat(Claims.detector("claims/trident-fast").backbone().branches().detecting())
        .containsExactly(1);
    for (String variant : List.of("", "-fast", "-ranges", "-unshared")) {
      assertThat(Claims.detector("claims/two-stages-trident" + variant).backbone())
          .isEqualTo(Claims.detector("claims/trident" + variant).backbone());
      assertThat(Claims.detector("claims/two-stages-trident" + variant).head())
          .isEqualTo(Claims.detector("claims/two-stages-dilation-2").head());
    }
    assertThat(Claims.detector("claims/s3fd").backbone())
        .isEqualTo(Claims.detector("claims/s3fd-best-anchor").backbone());
  }

  @Test
  void readsPresetsAndFilesAndRefusesOthers() {
    assertThat(Claims.detector("nano")).isEqualTo(DetectorPresets.of("nano"));
    assertThatThrownBy(() -> Claims.detector("claims/none"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'none'")
        .hasMessageContaining("trident-fast");
    assertThatThrownBy(() -> Claims.detector("missing.json"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("missing.json");
  }
}
