package io.millrace.tensor.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.optimizer.LearningRateSchedule.Constant;
import io.millrace.tensor.optimizer.LearningRateSchedule.DeepSeekV3;
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

  /** 1,480 steps for 14.8 trillion tokens; rates of section 4.2 of arXiv 2412.19437. */
  @Test
  void deepSeekV3FollowsThePaperInProportion() {
    LearningRateSchedule schedule = DeepSeekV3.of(2.2e-4, 20, 1480);
    assertThat(schedule.at(0)).isCloseTo(1.1e-5, within(1e-15));
    assertThat(schedule.at(9)).isCloseTo(1.1e-4, within(1e-15));
    assertThat(schedule.at(19)).isEqualTo(2.2e-4);
    assertThat(schedule.at(999)).isEqualTo(2.2e-4);
    assertThat(schedule.at(1000)).isCloseTo(2.2e-4, within(1e-15));
    // A quarter, half and three quarters of the 430 steps of the cosine: 0.8536, 0.5, 0.1464.
    assertThat(schedule.at(1108)).isCloseTo(1.9e-4, within(1e-6));
    assertThat(schedule.at(1215)).isCloseTo(1.21e-4, within(1e-15));
    assertThat(schedule.at(1322)).isCloseTo(5.1e-5, within(1e-6));
    assertThat(schedule.at(1430)).isCloseTo(2.2e-5, within(1e-15));
    assertThat(schedule.at(1462)).isCloseTo(2.2e-5, within(1e-15));
    assertThat(schedule.at(1463)).isCloseTo(7.3e-6, within(1e-15));
    assertThat(schedule.at(1_000_000)).isCloseTo(7.3e-6, within(1e-15));
  }

  @Test
  void deepSeekV3HasItsPhasesOneAfterTheOther() {
    LearningRateSchedule schedule = new DeepSeekV3(1.0, 0.1, 0.01, 2, 5, 9, 14);
    double[] expected = {
      0.5, 1, 1, 1, 1, 1, 0.868198, 0.55, 0.231802, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01
    };
    for (int step = 0; step < expected.length; step++) {
      assertThat(schedule.at(step)).as("step %d", step).isCloseTo(expected[step], within(1e-6));
    }
  }

  /** A run that is nearly all warm-up has what is left of the other phases. */
  @Test
  void deepSeekV3TakesAnyWarmupThatFits() {
    assertThat(DeepSeekV3.of(1, 0, 1).at(0)).isEqualTo(1.0);
    assertThat(DeepSeekV3.of(1, 100, 100).at(99)).isEqualTo(1.0);
    assertThat(DeepSeekV3.of(1, 99, 100).at(99)).isCloseTo(0.1, within(0.07));
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
    assertThatThrownBy(() -> new DeepSeekV3(1, 0.1, 0.2, 1, 2, 3, 4)).hasMessageContaining("floor");
    assertThatThrownBy(() -> new DeepSeekV3(1, 0.1, 0.01, 3, 2, 3, 4))
        .hasMessageContaining("phase of 3 steps");
  }
}
