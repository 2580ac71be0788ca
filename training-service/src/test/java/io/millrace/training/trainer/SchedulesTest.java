package io.millrace.training.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.optimizer.LearningRateSchedule;
import io.millrace.training.TrainingProperties;
import io.millrace.training.run.RunRequest;
import io.millrace.training.run.Schedule;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SchedulesTest {
  private static final TrainingProperties.Schedule SETTINGS =
      new TrainingProperties.Schedule(0.05, 1000, 0.1, 0.2);

  @Test
  void isTheCosineOfBeforeForARunThatAsksForNone() {
    assertThat(of(Schedule.COSINE, 200))
        .isEqualTo(new LearningRateSchedule.WarmupCosine(0.01, 0.001, 10, 200));
  }

  @Test
  void staysConstant() {
    LearningRateSchedule schedule = of(Schedule.CONSTANT, 200);

    assertThat(schedule.at(0)).isEqualTo(0.01);
    assertThat(schedule.at(199)).isEqualTo(0.01);
  }

  @Test
  void decaysAtTheEnd() {
    LearningRateSchedule schedule = of(Schedule.WARMUP_STABLE_DECAY, 200);

    assertThat(schedule.at(4)).isCloseTo(0.005, within(1e-12));
    assertThat(schedule.at(159)).isEqualTo(0.01);
    assertThat(schedule.at(161)).isLessThan(0.01);
    assertThat(schedule.at(200)).isCloseTo(0.001, within(1e-12));
  }

  @Test
  void hasDeepSeeksProportions() {
    LearningRateSchedule schedule = of(Schedule.DEEPSEEK_V3, 14_800);

    assertThat(schedule.at(9_999)).isEqualTo(0.01);
    assertThat(schedule.at(12_150)).as("half of the cosine").isCloseTo(0.0055, within(1e-9));
    assertThat(schedule.at(14_300)).isCloseTo(0.001, within(1e-12));
    assertThat(schedule.at(14_632)).isCloseTo(0.001, within(1e-12));
    assertThat(schedule.at(14_633)).isCloseTo(0.01 * 7.3 / 220, within(1e-12));
  }

  /** The shortest runs have no room for phases. */
  @ParameterizedTest
  @EnumSource(Schedule.class)
  void learnsInRunsOfOneStep(Schedule schedule) {
    assertThat(of(schedule, 1).at(0)).isPositive();
    assertThat(of(schedule, 2).at(1)).isPositive();
  }

  private static LearningRateSchedule of(Schedule schedule, long steps) {
    return Schedules.of(
        new RunRequest(
            "model", "task", "data", 1, "p", steps, 1, 0.01, schedule, 0, false, 0, null, null,
            null, Map.of()),
        SETTINGS);
  }
}
