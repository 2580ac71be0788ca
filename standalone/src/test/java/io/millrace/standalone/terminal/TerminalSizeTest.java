package io.millrace.standalone.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalSizeTest {

  @ParameterizedTest
  @CsvSource({
    "132, 132",
    "' 60\n', 60",
    "0, 80",
    "'', 80",
    "wide, 80",
    "-5, 80",
    "99999999999, 80"
  })
  void readsColumnsOrAssumesTheUsual(String text, int columns) {
    assertThat(TerminalSize.columns(text)).isEqualTo(columns);
  }
}
