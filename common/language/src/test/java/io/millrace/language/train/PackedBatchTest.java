package io.millrace.language.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PackedBatchTest {

  private final PackedBatch batch =
      PackedBatch.of(new int[] {1, 2, 3}, new int[] {4}, new int[] {5, 6, 7, 8});

  @Test
  void spansAreDocumentsOrPacks() {
    assertThat(batch.spans(DocumentPolicy.ISOLATED)).containsExactly(0, 3, 4, 8);
    assertThat(batch.spans(DocumentPolicy.CROSSING)).containsExactly(0, 8);
    PackedBatch packs = batch.inPacks(0, 4, 8);
    assertThat(packs.spans(DocumentPolicy.ISOLATED)).containsExactly(0, 3, 4, 8);
    assertThat(packs.spans(DocumentPolicy.CROSSING)).containsExactly(0, 4, 8);
  }

  @Test
  void countsTargetsOfEachDocumentWhateverThePacks() {
    assertThat(batch.targets(1)).isEqualTo(5);
    assertThat(batch.targets(2)).isEqualTo(3);
    assertThat(batch.inPacks(0, 3, 8).targets(1)).isEqualTo(5);
  }

  @Test
  void refusesPacksThatAreNotWholeDocuments() {
    assertThatThrownBy(() -> batch.inPacks(0, 2, 8))
        .hasMessage("a pack starts at token 2, where no document starts");
    assertThatThrownBy(() -> batch.inPacks(0, 4))
        .hasMessage("pack starts must go from 0 to the 8 tokens of the batch: [0, 4]");
    assertThatThrownBy(() -> batch.inPacks(0, 4, 4, 8)).hasMessage("pack 1 of the batch is empty");
  }
}
