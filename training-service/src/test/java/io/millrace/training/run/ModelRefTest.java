package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelRefTest {

  @Test
  void readsAModelAndOneOfItsVersions() {
    assertThat(ModelRef.parse("from", "writer")).isEqualTo(new ModelRef("writer", 0));
    assertThat(ModelRef.parse("from", "writer@12")).isEqualTo(new ModelRef("writer", 12));
  }

  @Test
  void writesWhatItReads() {
    assertThat(new ModelRef("writer", 12)).hasToString("writer@12");
    assertThat(new ModelRef("writer", 0)).hasToString("writer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"writer@", "writer@0", "writer@-1", "writer@x", "writer@1@2", "writer@1234567890"})
  void refusesWhatIsNoVersion(String text) {
    assertThatThrownBy(() -> ModelRef.parse("from", text)).hasMessageContaining("is no version");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@1", "Bad.Name", "../up@1"})
  void refusesWhatIsNoName(String text) {
    assertThatThrownBy(() -> ModelRef.parse("from", text))
        .hasMessageContaining("from is not a name");
  }
}
