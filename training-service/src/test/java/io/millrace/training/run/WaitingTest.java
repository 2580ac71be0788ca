package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitingTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0 | 1 | no trainer has taken it up yet; it is the next",
        "0 | 1 | 1 | all trainers are busy, with 1 run; it is the next",
        "1 | 2 | 2 | all trainers are busy, with 2 runs; 1 run is taken up before it",
        "3 | 1 | 4 | all trainers are busy, with 1 run; 3 runs are taken up before it",
      })
  void saysWhyAndWhere(int before, int learning, int place, String reason) {
    assertThat(Waiting.behind(before, learning)).isEqualTo(new Waiting(place, reason));
  }
}
