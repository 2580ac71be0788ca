package io.millrace.training.task.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.language.train.PackedBatch;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class LanguageFormatTest {
  private final LanguageFormat format = new LanguageFormat(/* vocabSize= */ 100, 4);

  @Test
  void putsSequencesOneBehindTheOther() {
    PackedBatch batch =
        format.assemble(
            List.of(
                sequence(0, new int[] {1, 2, 3, 4, 5}, 0, 3, 5),
                sequence(1, new int[] {6, 7}, 0, 2)));

    assertThat(batch.documentStarts()).containsExactly(0, 3, 5, 7);
    assertThat(batch.packStarts()).containsExactly(0, 5, 7);
    assertThat(batch.lossMask()).isNull();
    for (int i = 0; i < 7; i++) {
      assertThat(batch.tokenIds().getInt(4 * i)).isEqualTo(i + 1);
    }
  }

  @Test
  void keepsMasksApart() {
    PackedSequence masked = withMask(sequence(1, new int[] {6, 7, 8}, 0, 3), 0b101);

    PackedBatch batch = format.assemble(List.of(sequence(0, new int[] {1, 2}, 0, 2), masked));

    assertThat(batch.lossMask()).containsExactly(1, 1, 1, 0, 1);
    assertThat(batch.targets(1)).isEqualTo(2);
    assertThat(format.parse(masked.toByteArray())).isEqualTo(masked);
  }

  @Test
  void refusesWhatTheModelCannotRead() {
    assertRefused(sequence(0, new int[] {1, 100}, 0, 2), "token 100 is not in the vocabulary");
    assertRefused(
        sequence(0, new int[] {1, 2, 3, 4, 5}, 0, 5), "a document of 5 tokens, the model reads 4");
  }

  @Test
  void refusesABatchThatTeachesNothing() {
    assertThatThrownBy(() -> format.assemble(List.of(sequence(0, new int[] {1, 2}, 0, 1, 2))))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessage("2 tokens without a training target");
  }

  @Test
  void countsOnlyTokensThatArePredicted() {
    long[] counts = new long[100];
    PackedSequence masked = withMask(sequence(0, new int[] {5, 5, 6, 7, 7}, 0, 3, 5), 0b11011);

    LanguageEvaluation.count(format.assemble(List.of(masked)), counts);

    assertThat(counts[5]).isEqualTo(1);
    assertThat(counts[6]).isZero();
    assertThat(counts[7]).isEqualTo(1);
  }

  @Test
  void knowsTheEntropyOfACoinAndOfADie() {
    assertThat(LanguageEvaluation.entropy(new long[] {7, 0, 7}))
        .isCloseTo(Math.log(2), within(1e-12));
    assertThat(LanguageEvaluation.entropy(new long[] {1, 1, 1, 1, 1, 1}))
        .isCloseTo(Math.log(6), within(1e-12));
    assertThat(LanguageEvaluation.entropy(new long[] {3, 1}))
        .isCloseTo(0.75 * Math.log(4 / 3.0) + 0.25 * Math.log(4), within(1e-12));
    assertThat(LanguageEvaluation.entropy(new long[] {9})).isZero();
  }

  private void assertRefused(PackedSequence sequence, String message) {
    assertThatThrownBy(() -> format.parse(sequence.toByteArray()))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageContaining(message);
  }

  private static PackedSequence sequence(long number, int[] ids, int... starts) {
    return PackedSequences.of("text", number, ids, starts);
  }

  private static PackedSequence withMask(PackedSequence sequence, int bits) {
    ByteString mask = ByteString.copyFrom(new byte[] {(byte) bits});
    CRC32C crc = new CRC32C();
    crc.update(sequence.getTokenIds().concat(mask).toByteArray());
    return sequence.toBuilder().setLossMask(mask).setCrc32C((int) crc.getValue()).build();
  }
}
