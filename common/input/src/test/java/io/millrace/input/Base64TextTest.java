package io.millrace.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class Base64TextTest {

  @Test
  void saysWhichSignIsNone() {
    assertThat(Base64Text.decode("aGk=")).isEqualTo(Base64Text.decode("aGk")).hasSize(2);
    assertThatThrownBy(() -> Base64Text.decode("aGkh\naGkh"))
        .hasMessageStartingWith("LINE FEED (LF) at place 5 is none of");
    assertThatThrownBy(() -> Base64Text.decode("_-=="))
        .hasMessageStartingWith("LOW LINE at place 1");
    assertThatThrownBy(() -> Base64Text.decode("a")).isInstanceOf(IllegalArgumentException.class);
  }
}
