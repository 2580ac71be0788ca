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
