package io.millrace.data.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionProgressTest {
  /** As it is in logs that exist. */
  private static final String TEXT =
      "millrace/1 next=12 prepared=9 rejected=2 tokens=80 packed=80 boxes=3 train=5 heldout=1"
          + " train_end=7 heldout_end=2";

  private static final PartitionProgress PROGRESS =
      new PartitionProgress(12, new Tally(9, 2, 80, 80, 3, 5, 1), 7, 2);

  @Test
  void isWrittenAndReadAsItAlwaysWas() {
    assertThat(PROGRESS.encode()).isEqualTo(TEXT);
    assertThat(PartitionProgress.decode(TEXT)).isEqualTo(PROGRESS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "millrace/1", "millrace/2 next=12", "something else"})
  void isNoOtherText(String text) {
    assertThatThrownBy(() -> PartitionProgress.decode(text))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PartitionProgress.decode(TEXT.replace("boxes=", "boxen=")))
        .hasMessageContaining("progress without boxes");
  }

  @Test
  void partitionsAddUp() {
    Counts counts = Counts.of(List.of(PROGRESS, PROGRESS, PartitionProgress.NONE), 4);
    assertThat(counts.tally()).isEqualTo(new Tally(18, 4, 160, 160, 6, 10, 2));
    assertThat(counts.documents()).isEqualTo(26);
    assertThat(counts.packingEfficiency(20)).isEqualTo(160 / 240.0);
    assertThat(Counts.of(List.of(), 0).packingEfficiency(20)).isEqualTo(1);
  }

  @Test
  void documentsWaitBehindTheProgressOfTheirPartition() {
    assertThat(DatasetLog.waiting(Map.of(0, 20L, 1, 5L), Map.of(0, PROGRESS))).isEqualTo(13);
    assertThat(DatasetLog.waiting(Map.of(0, 10L), Map.of(0, PROGRESS))).isZero();
  }
}
