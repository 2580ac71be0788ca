package io.millrace.vision.box;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class SizeRangeTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Test
  void bothBoundsBelongToIt() {
    SizeRange range = new SizeRange(30, 160);
    assertThat(range.contains(30)).isTrue();
    assertThat(range.contains(160)).isTrue();
    assertThat(range.contains(29.9)).isFalse();
    assertThat(range.contains(160.1)).isFalse();
    assertThat(range.contains(new Box(7, 9, 10, 90))).isTrue();
    assertThat(range.contains(new Box(7, 9, 10, 89))).isFalse();
    assertThat(range.contains(new Box(7, 9, 320, 80))).isTrue();
    assertThat(range.contains(new Box(7, 9, 320, 81))).isFalse();
    assertThat(SizeRange.ALL.contains(0)).isTrue();
    assertThat(SizeRange.ALL.contains(1e30)).isTrue();
  }

  @Test
  void isWrittenAsTwoBounds() {
    assertThat(JSON.writeValueAsString(new SizeRange(90, Double.POSITIVE_INFINITY)))
        .isEqualTo("[90.0,null]");
    assertThat(JSON.readValue("[90, null]", SizeRange.class))
        .isEqualTo(new SizeRange(90, Double.POSITIVE_INFINITY));
    assertThat(JSON.readValue("[0, 90.5]", SizeRange.class)).isEqualTo(new SizeRange(0, 90.5));
  }

  @Test
  void refusesWhatHoldsNoSize() {
    assertThatThrownBy(() -> new SizeRange(6, 5)).hasMessageContaining("6.0 to 5.0");
    assertThatThrownBy(() -> new SizeRange(-1, 5)).hasMessageContaining("-1");
    assertThatThrownBy(() -> new SizeRange(Double.NaN, 5)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> JSON.readValue("[5]", SizeRange.class))
        .hasMessageContaining("[min, max]");
    assertThatThrownBy(() -> JSON.readValue("[null, 5]", SizeRange.class))
        .hasMessageContaining("[min, max]");
    assertThatThrownBy(() -> JSON.readValue("[9, 5]", SizeRange.class))
        .hasMessageContaining("9.0 to 5.0");
  }
}
