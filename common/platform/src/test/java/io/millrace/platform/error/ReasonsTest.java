package io.millrace.platform.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReasonsTest {

  @Test
  void keepsWhatPostgreSqlAndAListCanHold() {
    assertThat(Reasons.storable("no such tensor")).isEqualTo("no such tensor");
    assertThat(Reasons.storable("a\0b")).isEqualTo("a?b");
    assertThat(Reasons.storable("x".repeat(1000))).hasSize(1000);
    assertThat(Reasons.storable("x".repeat(1001))).isEqualTo("x".repeat(1000) + "...");
  }
}
