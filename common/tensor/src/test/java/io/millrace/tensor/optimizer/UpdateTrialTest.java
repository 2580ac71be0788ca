package io.millrace.tensor.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpdateTrialTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final UpdateTrial trial = new UpdateTrial(engine);
  private final AdamWUpdate right = new OperationsUpdate(engine, UpdateTrial.SETTINGS);

  @Test
  void findsAnUpdateEqualToItself() {
    assertThat(trial.agree(right, new OperationsUpdate(engine, UpdateTrial.SETTINGS))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0.91, 0.95, 1e-8, 1, a mean that forgets slower",
    "0.9, 0.94, 1e-8, 1, a square that forgets faster",
    "0.9, 0.95, 1e-3, 1, another epsilon",
    "0.9, 0.95, 1e-8, 1000, gradients that are not clipped",
  })
  void findsAnotherRule(double beta1, double beta2, double epsilon, double norm, String what) {
    AdamWSettings other = new AdamWSettings(beta1, beta2, epsilon, 0.1, norm, ElementType.BF16);
    assertThat(trial.agree(right, new OperationsUpdate(engine, other))).as(what).isFalse();
  }

  @Test
  void aProcessorMovesWeightsByOperations() {
    assertThat(AdamWUpdate.of(engine, UpdateTrial.SETTINGS)).isInstanceOf(OperationsUpdate.class);
  }
}
