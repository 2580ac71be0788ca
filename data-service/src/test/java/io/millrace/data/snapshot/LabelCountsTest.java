package io.millrace.data.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topics.Split;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LabelCountsTest {

  @Test
  void saysWhatCannotBeLearned() {
    LabelCounts counts = new LabelCounts(List.of("a", "b", "c", "d"));
    counts.add(Split.TRAIN, 0);
    counts.add(Split.HELDOUT, 0);
    counts.add(Split.HELDOUT, 1);
    counts.add(Split.HELDOUT, 3);
    counts.add(Split.HELDOUT, 3);
    counts.addUnlabelled();
    assertThat(counts.warnings())
        .containsExactly(
            "1 of 6 pictures have no label: task classification does not learn from them",
            "class 'c' has no example",
            "class 'b' has one example alone",
            "class 'd' has held-out examples alone, so that it is not learned");
  }

  @Test
  void isSilentWithoutLabels() {
    LabelCounts counts = new LabelCounts(List.of("a"));
    counts.addUnlabelled();
    assertThat(counts.warnings()).isEmpty();
  }

  /** Where there are boxes, nobody asked for labels. */
  @Test
  void tellsOfPicturesThatTeachNoClass() {
    LabelCounts counts = new LabelCounts(List.of("a"));
    assertThat(counts.areMissing()).as("no pictures at all").isFalse();
    counts.addUnlabelled();
    assertThat(SnapshotWarnings.unlearned(counts, 1)).isEmpty();
    assertThat(SnapshotWarnings.unlearned(counts, 0))
        .containsExactly(
            "no picture has a label or a box: tasks classification and detection learn no class from them");
    LabelCounts without = new LabelCounts(List.of());
    without.addUnlabelled();
    assertThat(SnapshotWarnings.unlearned(without, 0)).as("to learn an encoder from").isEmpty();
    counts.add(Split.TRAIN, 0);
    assertThat(SnapshotWarnings.unlearned(counts, 0)).isEmpty();
  }

  @Test
  void namesTenAndCountsTheRest() {
    LabelCounts counts =
        new LabelCounts(IntStream.range(0, 14).mapToObj(Integer::toString).toList());
    counts.add(Split.TRAIN, 0);
    counts.add(Split.TRAIN, 0);
    assertThat(counts.warnings())
        .hasSize(11)
        .contains("class '10' has no example", "3 more classes have no example");
  }
}
