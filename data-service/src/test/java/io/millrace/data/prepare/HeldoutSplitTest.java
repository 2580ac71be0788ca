package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topics.Split;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeldoutSplitTest {

  /** Places computed by Python's hashlib; a document must never change its split. */
  @ParameterizedTest
  @CsvSource({"d0, 4.2315", "document-1, 5.2844", "42, 45.0307", "ß…, 50.6168", "a, 79.1374"})
  void aDocumentsPlaceNeverChanges(String id, double percent) {
    assertThat(new HeldoutSplit(percent).split(id)).isEqualTo(Split.TRAIN);
    assertThat(new HeldoutSplit(percent + 0.0001).split(id)).isEqualTo(Split.HELDOUT);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "5, 420, 580", "50, 4800, 5200", "100, 10000, 10000"})
  void keepsItsShare(double percent, int least, int most) {
    HeldoutSplit splitter = new HeldoutSplit(percent);
    long heldout =
        IntStream.range(0, 10_000)
            .filter(i -> splitter.split("document-" + i) == Split.HELDOUT)
            .count();
    assertThat(heldout).isBetween((long) least, (long) most);
  }
}
