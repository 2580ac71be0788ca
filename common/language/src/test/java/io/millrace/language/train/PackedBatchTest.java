package io.millrace.language.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
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
  void countsTargetsThatAreNotMasked() {
    // The first token of a document is never predicted.
    PackedBatch masked =
        new PackedBatch(
            batch.tokenIds(), batch.documentStarts(), new byte[] {1, 0, 1, 1, 0, 1, 1, 0});
    assertThat(masked.targets(1)).isEqualTo(3);
    assertThat(masked.targets(2)).isEqualTo(2);
    assertThat(masked.targets(3)).isZero();
  }

  @Test
  void readsABufferFromItsPosition() {
    ByteBuffer ids = ByteBuffer.allocateDirect(5 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int id = 10; id < 15; id++) {
      ids.putInt(id);
    }
    PackedBatch part = new PackedBatch(ids.position(8), new int[] {0, 3});
    ids.rewind();
    assertThat(part.tokens()).isEqualTo(3);
    assertThat(part.tokenIds().getInt(0)).isEqualTo(12);
    try (NDManager manager = TensorEngine.start("cpu").newManager()) {
      assertThat(BatchArguments.ids(manager, part).toIntArray()).containsExactly(12, 13, 14);
    }
  }

  @Test
  void refusesBuffersInAnotherForm() {
    int[] starts = {0, 2};
    for (ByteBuffer ids :
        List.of(
            ByteBuffer.allocateDirect(8),
            ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN),
            ByteBuffer.allocateDirect(9).order(ByteOrder.LITTLE_ENDIAN))) {
      assertThatThrownBy(() -> new PackedBatch(ids, starts))
          .hasMessage("token ids must be whole int32 in a direct buffer, little endian");
    }
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
