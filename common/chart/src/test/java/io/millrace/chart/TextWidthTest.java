package io.millrace.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextWidthTest {

  /** Widths at size 100, as they were measured in DejaVu Sans 2.37. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Mammoth & WOMBAT within a wood, no. 24                  | 2216.2
          0.900: precision 0.900, recall 0.900, of 123456         | 2352.7
          F1 of the classes (macro mean 0.123); 20 of 1234 classes | 2898.9
          WWWWWWWWWW                                              | 988.8
          HHQODGNUK                                               | 675.9
          GR\u00d6SSE \u00dcBER                                   | 722.1
          illicit                                                 | 233.1
          """)
  void isNoLessThanInAWideFont(String text, double measured) {
    assertThat((double) TextWidth.of(100, text)).isGreaterThanOrEqualTo(measured);
  }

  @Test
  void growsWithTheSizeAndTheText() {
    assertThat(TextWidth.of(10, "")).isZero();
    assertThat(TextWidth.of(10, "abc")).isEqualTo(20);
    assertThat(TextWidth.of(20, "abc")).isEqualTo(39);
    assertThat(TextWidth.of(10, "\ud83d\ude00")).as("one picture").isEqualTo(14);
    assertThat(TextWidth.ofLongest(10, List.of("a", "abc", "ab"))).isEqualTo(20);
    assertThat(TextWidth.ofLongest(10, List.of())).isZero();
  }
}
