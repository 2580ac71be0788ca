package io.millrace.input;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WellFormedTextTest {

  @Test
  void findsWhatCannotBeKept() {
    assertThat(WellFormedText.faultOf("")).isEmpty();
    assertThat(WellFormedText.faultOf("a \uD83D\uDE00 smile")).isEmpty();
    assertThat(WellFormedText.faultOf("ab\0")).isEqualTo("a NUL character at position 2");
    assertThat(WellFormedText.faultOf("a\uD800"))
        .isEqualTo("half a surrogate pair (\\ud800) at position 1");
    assertThat(WellFormedText.faultOf("\uDE00\uD83D"))
        .isEqualTo("half a surrogate pair (\\ude00) at position 0");
    assertThat(WellFormedText.faultOf("\uD800\0")).contains("position 0");
  }

  @Test
  void replacesHalvesAndNothingElse() {
    assertThat(WellFormedText.repaired("a \uD83D\uDE00\0")).isEqualTo("a \uD83D\uDE00\0");
    assertThat(WellFormedText.repaired("\uD83D\uD83D\uDE00\uDE00"))
        .isEqualTo("\uFFFD\uD83D\uDE00\uFFFD");
  }
}
