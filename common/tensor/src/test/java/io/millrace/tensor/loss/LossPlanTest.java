package io.millrace.tensor.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class LossPlanTest {

  private static final JsonMapper JSON = JsonMapper.shared();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cross_entropy",
        "focal then dice",
        "cross_entropy then soft_f1",
        "cross_entropy then soft_f1 at 500",
        "cross_entropy then soft_f1(average=micro, temperature=2.0, annealed_to=20.0) at 0.8",
        "soft_accuracy then tversky(alpha=1.0, beta=0.5, average=binary, positive=2)",
        "dice(average=micro) then smooth_ap(temperature=10.0) at 3 then gumbel_f1 at 7",
        "reinforce_f1(average=binary, positive=1, samples=4)"
      })
  void aTextIsReadAndWritten(String text) {
    LossPlan plan = LossPlan.read(text);
    assertThat(plan.text()).isEqualTo(text);
    assertThat(JSON.readValue(JSON.writeValueAsString(plan), LossPlan.class)).isEqualTo(plan);
  }

  @Test
  void everyNameIsReadAndWritten() {
    assertThat(LossNames.all())
        .hasSize(13)
        .allSatisfy(name -> {
          LossPlan plan = LossPlan.read(name);
          assertThat(plan.text()).isEqualTo(name);
          assertThat(plan).isEqualTo(LossPlan.of(plan.phases().getFirst().loss()));
        });
  }

  @Test
  void jsonSaysTheSameAsText() {
    LossPlan plan =
        LossPlan.read(
            "cross_entropy then soft_f1(average=micro, temperature=2, annealed_to=20) at 80%");
    assertThat(
            JSON.readValue(
                """
                [{"loss": "cross_entropy"},
                 {"loss": "soft_f1", "average": "micro", "temperature": 2, "annealed_to": 20, "at": "80%"}]
                """,
                LossPlan.class))
        .isEqualTo(plan);
    assertThat(
            JSON.readValue(
                "[\"cross_entropy\", {\"loss\": \"dice\", \"at\": 0.5}]", LossPlan.class))
        .isEqualTo(LossPlan.read("cross_entropy then dice at 50%"));
    assertThat(JSON.readValue("{\"loss\": \"dice\"}", LossPlan.class))
        .isEqualTo(LossPlan.read("dice"));
  }

  @Test
  void lossesTakeOverWhenTheyAreToldTo() {
    LossPlan even = LossPlan.read("cross_entropy then soft_f1");
    assertThat(name(even, 0, 10)).isEqualTo("CrossEntropy[]");
    assertThat(name(even, 4, 10)).isEqualTo("CrossEntropy[]");
    assertThat(name(even, 5, 10)).startsWith("Surrogate");
    assertThat(name(even, 99, 10)).startsWith("Surrogate");
    LossPlan late = LossPlan.read("cross_entropy then soft_f1 at 80%");
    assertThat(name(late, 79, 100)).isEqualTo("CrossEntropy[]");
    assertThat(name(late, 80, 100)).startsWith("Surrogate");
    LossPlan three = LossPlan.read("cross_entropy then smooth_ap at 3 then reinforce_f1 at 0.5");
    assertThat(name(three, 2, 20)).isEqualTo("CrossEntropy[]");
    assertThat(name(three, 3, 20)).isEqualTo("SmoothAp[]");
    assertThat(name(three, 10, 20)).startsWith("Reinforce");
  }

  private static String name(LossPlan plan, long step, long steps) {
    return plan.at(step, steps).loss().toString();
  }

  @Test
  void aTemperatureMovesByTheSameRatio() {
    LossPlan plan =
        LossPlan.read("cross_entropy then soft_f1(temperature=1, annealed_to=100) at 10");
    assertThat(plan.at(3, 15).temperature()).isEqualTo(1);
    assertThat(plan.at(10, 15).temperature()).isEqualTo(1);
    assertThat(plan.at(12, 15).temperature()).isCloseTo(10, within(1e-12));
    assertThat(plan.at(14, 15).temperature()).isCloseTo(100, within(1e-12));
    assertThat(plan.at(50, 15).temperature()).isCloseTo(100, within(1e-12));
    assertThat(LossPlan.read("smooth_ap").at(0, 1).temperature()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          soft_f2 | there is no loss "soft_f2"; did you mean soft_f1? Losses are cross_entropy, focal, soft_accuracy
          crossentropy | did you mean cross_entropy?
          DICE | did you mean dice?
          cross_entropy then | is no loss
          '' | is no loss
          cross_entropy soft_f1 | is no loss; write for example cross_entropy then soft_f1
          cross_entropy(temperature=2) | cross_entropy has no parameters, but "temperature" is written
          soft_accuracy(average=micro) | soft_accuracy has no parameter "average"; it has temperature, annealed_to
          soft_f1(average=mikro) | average is "mikro"; did you mean micro? It must be one of macro, micro, binary
          soft_f1(positive=1) | soft_f1 has no parameter "positive"
          soft_f1(average) | "average" is no parameter; write name=value
          soft_f1(average=micro, average=macro) | average is given twice
          soft_f1(temperature=warm) | temperature of soft_f1 is "warm", not a number
          soft_f1(temperature=0) | temperatures must be finite and positive
          soft_f1(annealed_to=-1) | temperatures must be finite and positive
          soft_f1(average=binary, positive=x) | positive of soft_f1 is "x", not a whole number
          soft_f1(average=binary, positive=-1) | classes begin at 0
          tversky(alpha=0, beta=0) | alpha and beta must be finite, not negative and not both 0
          reinforce_f1(samples=0) | samples is 0
          reinforce_f1(temperature=2) | reinforce_f1 has no parameter "temperature"; it has average, samples
          cross_entropy at 5 | the first loss, cross_entropy at 5, begins with the training
          cross_entropy then dice at 0 | cannot take over at step 0
          cross_entropy then dice at 120% | cannot take over after a share of 1.2
          cross_entropy then dice at noon | "at noon" is neither a step, such as 500, nor a share
          """)
  void saysWhatIsWrongWithAText(String text, String message) {
    assertThatThrownBy(() -> LossPlan.read(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void saysWhatIsWrongWithJson() {
    assertThatThrownBy(() -> LossPlan.read(List.of(Map.of("name", "dice"))))
        .hasMessageContaining("an object of a loss has no \"loss\"");
    assertThatThrownBy(() -> LossPlan.read(List.of(Map.of("loss", List.of()))))
        .hasMessageContaining("loss of a loss must be a text or a number, not []");
    assertThatThrownBy(() -> LossPlan.read(List.of(3)))
        .hasMessageContaining("a loss is a text or an object with \"loss\", not 3");
    assertThatThrownBy(() -> LossPlan.read(List.of())).hasMessage("a training needs a loss");
  }

  @Test
  void everyLossNeedsAStep() {
    LossPlan plan = LossPlan.read("cross_entropy then dice at 5 then soft_f1 at 50%");
    plan.requireSteps(12);
    assertThatThrownBy(() -> plan.requireSteps(10))
        .hasMessageContaining(
            "loss 3 of \"cross_entropy then dice at 5 then soft_f1 at 0.5\" would"
                + " begin at step 5 of 10, not after the loss before it");
    assertThatThrownBy(() -> LossPlan.read("cross_entropy then dice at 500").requireSteps(500))
        .hasMessageContaining("would begin at step 500 of 500, after the last one");
    assertThatThrownBy(() -> LossPlan.read("cross_entropy then dice").requireSteps(1))
        .hasMessageContaining("not after the loss before it");
  }
}
