package io.millrace.tensor.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.optimizer.LearningRateSchedule.Constant;
import io.millrace.tensor.optimizer.LearningRateSchedule.WarmupCosine;
import io.millrace.tensor.optimizer.LearningRateSchedule.WarmupStableDecay;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {

  @Test
  void constantStays() {
    assertThat(new Constant(0.3).at(0)).isEqualTo(0.3);
    assertThat(new Constant(0.3).at(1_000_000)).isEqualTo(0.3);
  }

  @Test
  void cosineRisesAndFallsToItsFloor() {
    LearningRateSchedule schedule = new WarmupCosine(1.0, 0.1, 10, 110);
    assertThat(schedule.at(0)).isCloseTo(0.1, within(1e-12));
    assertThat(schedule.at(9)).isCloseTo(1.0, within(1e-12));
    assertThat(schedule.at(10)).isCloseTo(1.0, within(1e-12));
    assertThat(schedule.at(60)).isCloseTo(0.55, within(1e-12));
    assertThat(schedule.at(110)).isCloseTo(0.1, within(1e-12));
    assertThat(schedule.at(5000)).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void stableDecayKeepsThePeakUntilItDecays() {
    LearningRateSchedule schedule = new WarmupStableDecay(1.0, 0.0, 4, 16, 100);
    assertThat(schedule.at(1)).isCloseTo(0.5, within(1e-12));
    assertThat(schedule.at(4)).isEqualTo(1.0);
    assertThat(schedule.at(84)).isEqualTo(1.0);
    assertThat(schedule.at(88)).isCloseTo(0.5, within(1e-12));
    assertThat(schedule.at(100)).isZero();
    assertThat(schedule.at(101)).isZero();
  }

  @Test
  void aScheduleWithoutWarmupOrDecayWorks() {
    assertThat(new WarmupCosine(1.0, 0.0, 0, 10).at(0)).isEqualTo(1.0);
    assertThat(new WarmupCosine(1.0, 0.0, 10, 10).at(10)).isZero();
    assertThat(new WarmupStableDecay(1.0, 0.0, 0, 0, 10).at(9)).isEqualTo(1.0);
  }

  @Test
  void refusesPhasesThatDoNotFit() {
    assertThatThrownBy(() -> new WarmupCosine(1, 0, 11, 10)).hasMessageContaining("11 steps");
    assertThatThrownBy(() -> new WarmupStableDecay(1, 0, 6, 5, 10)).hasMessageContaining("5 steps");
    assertThatThrownBy(() -> new Constant(Double.NaN)).hasMessageContaining("learning rates");
    assertThatThrownBy(() -> new WarmupCosine(0.1, 0.2, 1, 10)).hasMessageContaining("floor");
  }
}
