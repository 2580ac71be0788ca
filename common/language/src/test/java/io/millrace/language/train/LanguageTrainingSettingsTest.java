package io.millrace.language.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.tensor.optimizer.AdamWSettings;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageTrainingSettingsTest {

  private static final AdamWSettings OPTIMIZER = AdamWSettings.deepSeek();

  @ParameterizedTest
  @ValueSource(doubles = {-1e-9, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesWeightsThatAreNone(double bad) {
    assertThatThrownBy(() -> new LanguageTrainingSettings(OPTIMIZER, bad, 0, 0))
        .hasMessage("the weight of the MTP loss must be finite and not negative, it is " + bad);
    assertThatThrownBy(() -> new LanguageTrainingSettings(OPTIMIZER, 0, bad, 0))
        .hasMessageContaining("weight of the balance loss");
    assertThatThrownBy(() -> new LanguageTrainingSettings(OPTIMIZER, 0, 0, bad))
        .hasMessageContaining("step of the selection biases");
    assertThatThrownBy(() -> LanguageTrainingSettings.deepSeek().withEma(bad))
        .hasMessageContaining("cannot decay by");
  }
}
