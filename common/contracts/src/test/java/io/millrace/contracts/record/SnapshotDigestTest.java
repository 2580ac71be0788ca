package io.millrace.contracts.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.data.v1.LabelledBox;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.data.v1.TableRow;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SnapshotDigestTest {
  private static final PackedSequence SEQUENCE =
      PackedSequences.of(
          "books", 12, new int[] {7, 0x01020304, 0, Integer.MAX_VALUE, 42}, new int[] {0, 2, 5});

  /** Made by hand from the Javadoc, with Python's hashlib and struct: it must never change. */
  @Test
  void isTheDocumentedOne() {
    assertThat(digest("sequences.books", 3, 9, SEQUENCE))
        .isEqualTo("82d052c9174e238cf0d0b4eb9005ac59acc2a8713f43c6ff11be2e80351e1bc2");
  }

  @Test
  void everyChangeOfASequenceIsNoticed() {
    Set<String> digests = new HashSet<>();
    digests.add(digest("sequences.books", 3, 9, SEQUENCE));
    digests.add(digest("sequences.book", 3, 9, SEQUENCE));
    digests.add(digest("sequences.books", 4, 9, SEQUENCE));
    digests.add(digest("sequences.books", 3, 10, SEQUENCE));
    for (PackedSequence changed :
        List.of(
            SEQUENCE.toBuilder().setSequenceNumber(13).build(),
            SEQUENCE.toBuilder().setDocumentStarts(1, 3).build(),
            SEQUENCE.toBuilder().setDataset("boots").build(),
            PackedSequences.labelled(SEQUENCE, new int[] {0, 1}),
            PackedSequences.labelled(SEQUENCE, new int[] {1, 1}),
            PackedSequences.of(
                "books",
                12,
                new int[] {7, 0x01020304, 1, Integer.MAX_VALUE, 42},
                new int[] {0, 2, 5}))) {
      digests.add(digest("sequences.books", 3, 9, changed));
    }
    assertThat(digests).hasSize(10);
  }

  @Test
  void everyChangeOfASampleIsNoticed() {
    LabelledBox box = LabelledBox.newBuilder().setWidth(1).setHeight(1).build();
    Sample sample = Samples.of("shapes", 0, "a", 1, 1, new byte[] {1, 2, 3}, 1, List.of(box));
    Set<String> digests = new HashSet<>();
    for (Sample one :
        List.of(
            sample,
            sample.toBuilder().setBoxes(0, box.toBuilder().setX(0.5f)).build(),
            sample.toBuilder().setBoxes(0, box.toBuilder().setArea(0.5f)).build(),
            sample.toBuilder().setBoxes(0, box.toBuilder().setCrowd(true)).build(),
            sample.toBuilder().setClassIndex(0).build(),
            Samples.of("shapes", 0, "a", 1, 1, new byte[] {1, 2, 4}, 1, List.of(box)))) {
      SnapshotDigest digest = new SnapshotDigest();
      digest.range("samples.shapes", 0);
      digest.record(0, one);
      digests.add(digest.hex());
    }
    assertThat(digests).hasSize(6);
  }

  @Test
  void everyChangeOfARowIsNoticed() {
    TableRow row = TableRows.of("iris", 0, "a", new float[] {1, 2}, OptionalInt.of(1));
    Set<String> digests = new HashSet<>();
    for (TableRow one :
        List.of(
            row,
            row.toBuilder().setClassIndex(2).build(),
            row.toBuilder().clearClassIndex().build(),
            row.toBuilder().setDocumentId("b").build(),
            TableRows.of("iris", 0, "a", new float[] {1, 3}, OptionalInt.of(1)))) {
      SnapshotDigest digest = new SnapshotDigest();
      digest.range("rows.iris", 0);
      digest.record(0, one);
      digests.add(digest.hex());
    }
    assertThat(digests).hasSize(5);
  }

  private static String digest(String topic, int partition, long offset, PackedSequence sequence) {
    SnapshotDigest digest = new SnapshotDigest();
    digest.range(topic, partition);
    digest.record(offset, sequence);
    return digest.hex();
  }
}
