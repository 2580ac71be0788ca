package io.millrace.contracts.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.millrace.contracts.data.v1.LabelledBox;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.data.v1.TableRow;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RecordCodecTest {

  private static final int[] TOKENS = {7, 0x01020304, 0, Integer.MAX_VALUE, 42};

  @Test
  void sequenceSurvivesTheWire() {
    PackedSequence read =
        PackedSequences.parse(
            PackedSequences.of("books", 12, TOKENS, new int[] {0, 2, 5}).toByteArray());

    assertThat(PackedSequences.tokens(read)).isEqualTo(5);
    assertThat(PackedSequences.tokenIds(read)).containsExactly(TOKENS);
    assertThat(PackedSequences.documentStarts(read)).containsExactly(0, 2, 5);
    assertThat(read.getSequenceNumber()).isEqualTo(12);
    ByteBuffer raw = ByteBuffer.allocateDirect(20).order(ByteOrder.LITTLE_ENDIAN);
    PackedSequences.copyTokenIds(read, raw);
    assertThat(raw.flip().getInt(4)).isEqualTo(0x01020304);
  }

  @Test
  void checksumIsCastagnolis() {
    // The check value of CRC-32C, RFC 3720 appendix B.4 and every catalogue: "123456789".
    ByteString digits = ByteString.copyFrom("123456789", StandardCharsets.US_ASCII);
    assertThat(Checksums.crc32c(digits)).isEqualTo(0xE3069283);
    assertThat(Checksums.crc32c(digits.substring(0, 4), digits.substring(4))).isEqualTo(0xE3069283);
  }

  @Test
  void everyFlippedBitOfTheTokensIsNoticed() {
    PackedSequence sequence = PackedSequences.of("books", 12, TOKENS, new int[] {0, 5});
    for (int bit = 0; bit < sequence.getTokenIds().size() * 8; bit++) {
      byte[] ids = sequence.getTokenIds().toByteArray();
      ids[bit >> 3] ^= (byte) (1 << (bit & 7));
      byte[] record =
          sequence.toBuilder().setTokenIds(ByteString.copyFrom(ids)).build().toByteArray();
      assertThatThrownBy(() -> PackedSequences.parse(record))
          .isInstanceOf(CorruptRecordException.class)
          .hasMessageContaining("packed sequence 12 of dataset books: checksum is");
    }
  }

  @Test
  void startsThatDoNotFitAreRefusedOnBothSides() {
    for (int[] starts :
        new int[][] {{}, {0}, {0, 4}, {1, 5}, {0, 3, 3, 5}, {0, 6, 5}, {0, -1, 5}}) {
      assertThatThrownBy(() -> PackedSequences.of("books", 0, TOKENS, starts))
          .isInstanceOf(IllegalArgumentException.class);
      PackedSequence.Builder forged =
          PackedSequences.of("books", 0, TOKENS, new int[] {0, 5}).toBuilder()
              .clearDocumentStarts();
      for (int start : starts) {
        forged.addDocumentStarts(start);
      }
      assertThatThrownBy(() -> PackedSequences.parse(forged.build().toByteArray()))
          .isInstanceOf(CorruptRecordException.class)
          .hasMessageContaining("document start");
    }
  }

  @Test
  void maskIsOneBitATokenAndPartOfTheChecksum() {
    PackedSequence plain = PackedSequences.of("books", 0, TOKENS, new int[] {0, 5});
    assertThat(PackedSequences.isTarget(plain, 4)).isTrue();
    ByteString mask = ByteString.copyFrom(new byte[] {0b10110});
    PackedSequence masked =
        plain.toBuilder()
            .setLossMask(mask)
            .setCrc32C(Checksums.crc32c(plain.getTokenIds(), mask))
            .build();
    PackedSequence read = PackedSequences.parse(masked.toByteArray());
    assertThat(List.of(0, 1, 2, 3, 4).stream().map(i -> PackedSequences.isTarget(read, i)))
        .containsExactly(false, true, true, false, true);
    PackedSequence forged =
        masked.toBuilder().setLossMask(ByteString.copyFrom(new byte[] {0b10111})).build();
    assertThatThrownBy(() -> PackedSequences.parse(forged.toByteArray()))
        .hasMessageContaining("checksum");
  }

  @Test
  void sampleSurvivesTheWireAndNoticesDamage() {
    byte[] rgb = new byte[2 * 3 * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (250 + i);
    }
    LabelledBox box =
        LabelledBox.newBuilder().setX(1).setWidth(2).setHeight(1).setClassIndex(3).build();
    Sample sample = Samples.of("cells", 5, "a.png", 2, 3, rgb, 0.5f, List.of(box));

    Sample read = Samples.parse(sample.toByteArray());
    assertThat(read).isEqualTo(sample);
    assertThat(Samples.rgb(read)).containsExactly(rgb);

    rgb[4] ^= 1; // wrapped, so this damages the sample after its checksum was taken
    assertThatThrownBy(() -> Samples.parse(sample.toByteArray()))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageContaining("sample 5 of dataset cells: checksum");
    assertThatThrownBy(() -> Samples.parse(sample.toBuilder().setWidth(3).build().toByteArray()))
        .hasMessageContaining("18 bytes are not 3 x 3 RGB pixels");
    assertThatThrownBy(() -> Samples.parse(new byte[] {1, 2, 3}))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageContaining("not a sample");
  }

  @Test
  void labelsAreOneADocument() {
    PackedSequence plain = PackedSequences.of("books", 0, TOKENS, new int[] {0, 2, 5});
    assertThat(PackedSequences.labels(plain)).isEmpty();
    PackedSequence labelled = PackedSequences.labelled(plain, new int[] {3, 0});
    assertThat(PackedSequences.labels(PackedSequences.parse(labelled.toByteArray())))
        .containsExactly(3, 0);
    assertThatThrownBy(() -> PackedSequences.labelled(plain, new int[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("1 labels for 2 documents");
    byte[] forged = labelled.toBuilder().addLabels(1).build().toByteArray();
    assertThatThrownBy(() -> PackedSequences.parse(forged))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageEndingWith("3 labels for 2 documents");
  }

  @Test
  void idsAreOneADocument() {
    PackedSequence plain = PackedSequences.of("books", 0, TOKENS, new int[] {0, 2, 5});
    PackedSequence named = PackedSequences.named(plain, List.of("a", "b"));
    assertThat(PackedSequences.parse(named.toByteArray()).getDocumentIdsList())
        .containsExactly("a", "b");
    assertThatThrownBy(() -> PackedSequences.named(plain, List.of("a")))
        .hasMessage("1 ids for 2 documents");
    byte[] forged = named.toBuilder().addDocumentIds("c").build().toByteArray();
    assertThatThrownBy(() -> PackedSequences.parse(forged))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageEndingWith("3 ids for 2 documents");
  }

  @Test
  void rowSurvivesTheWireAndNoticesDamage() {
    float[] numbers = {1.5f, -0.0f, Float.MIN_VALUE};
    TableRow row = TableRows.of("iris", 7, "r1", numbers, OptionalInt.of(2));

    TableRow read = TableRows.parse(row.toByteArray());
    assertThat(read).isEqualTo(row);
    assertThat(TableRows.columns(read)).isEqualTo(3);
    ByteBuffer raw = ByteBuffer.allocateDirect(12).order(ByteOrder.LITTLE_ENDIAN);
    TableRows.copyNumbers(read, raw);
    assertThat(raw.flip().getFloat(0)).isEqualTo(1.5f);

    byte[] bytes = row.getNumbers().toByteArray();
    bytes[1] ^= 1;
    byte[] damaged = row.toBuilder().setNumbers(ByteString.copyFrom(bytes)).build().toByteArray();
    assertThatThrownBy(() -> TableRows.parse(damaged))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageContaining("row 7 of dataset iris: checksum is");
  }

  @Test
  void rowsHoldFiniteNumbersAlone() {
    for (float[] numbers : new float[][] {{}, {1, Float.NaN}, {Float.NEGATIVE_INFINITY}}) {
      assertThatThrownBy(() -> TableRows.of("iris", 0, "r", numbers, OptionalInt.empty()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
