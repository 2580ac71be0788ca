package io.millrace.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainNumberTest {

  @Test
  void readsWhatPeopleWrite() {
    assertThat(PlainNumber.decimal("0.5")).isEqualTo(0.5);
    assertThat(PlainNumber.decimal("-.5e-3")).isEqualTo(-0.0005);
    assertThat(PlainNumber.decimal("+2.")).isEqualTo(2);
    assertThat(PlainNumber.decimal("1E3")).isEqualTo(1000);
    assertThat(PlainNumber.whole("-7")).isEqualTo(-7);
    assertThat(PlainNumber.large("9007199254740993")).isEqualTo(9007199254740993L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " 1",
        "0x1p-1",
        "0.5f",
        "0.5d",
        "NaN",
        "Infinity",
        "1e999",
        "1_0",
        "١",
        ".",
        "1e"
      })
  void refusesWhatOnlyProgramsWrite(String text) {
    assertThatThrownBy(() -> PlainNumber.decimal(text)).isInstanceOf(NumberFormatException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0x10", "#10", "1.0", "1e3", "2147483648", "١", "10L"})
  void refusesWhatIsNoWholeNumber(String text) {
    assertThatThrownBy(() -> PlainNumber.whole(text)).isInstanceOf(NumberFormatException.class);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> PlainNumber.large("9223372036854775808"))
        .isInstanceOf(NumberFormatException.class);
  }
}
