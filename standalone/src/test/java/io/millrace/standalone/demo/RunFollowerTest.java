package io.millrace.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RunFollowerTest {

  @Test
  void putsTheFiguresThatMatterFirst() {
    JsonNode progress =
        JsonMapper.shared()
            .readTree(
                """
                {"step": 150, "loss": 2.3451, "rate": 14712.4, "data_wait_share": 0.0012,
                 "expert_load": [0.28, 0.25, 0.2175, 0.2525]}
                """);
    assertThat(RunFollower.details(progress, "tok", 600))
        .containsExactly(
            "loss 2.345", "14.7k tok/s", "wait 0.1%", "experts 112/87%", "step 150/600");
  }

  @Test
  void leavesExpertsOutWhereThereAreNone() {
    JsonNode progress =
        JsonMapper.shared().readTree("{\"step\": 1, \"loss\": 812.5, \"rate\": 98.2}");
    assertThat(RunFollower.details(progress, "pictures", 4))
        .containsExactly("loss 813", "98 pictures/s", "wait 0.0%", "step 1/4");
  }
}
