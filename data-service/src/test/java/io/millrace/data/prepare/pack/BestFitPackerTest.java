package io.millrace.data.prepare.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BestFitPackerTest {

  @Test
  void fillsTheFullestPackThatFits() {
    // 6 opens A, 5 opens B, 3 goes to A (room 4, not B with 5), 5 fits B exactly, 1 fills A.
    Packing packing = new BestFitPacker(10).pack(new int[] {1, 3, 5, 6, 5});

    assertThat(packing.packs())
        .containsExactly(
            new Pack(
                List.of(new PackPiece(0, 0, 1), new PackPiece(1, 0, 3), new PackPiece(3, 0, 6))),
            new Pack(List.of(new PackPiece(2, 0, 5), new PackPiece(4, 0, 5))));
    assertThat(packing.efficiency()).isEqualTo(1.0);
    assertThat(packing.packs().getFirst().documentStarts()).containsExactly(0, 1, 4, 10);
  }

  @Test
  void cutsLongDocumentsAndLeavesNoSingleTokenBehind() {
    assertThat(pieces(new BestFitPacker(8).pack(new int[] {20}), 0))
        .containsExactly(new PackPiece(0, 0, 8), new PackPiece(0, 8, 8), new PackPiece(0, 16, 4));
    assertThat(pieces(new BestFitPacker(8).pack(new int[] {17}), 0))
        .containsExactly(new PackPiece(0, 0, 8), new PackPiece(0, 8, 7), new PackPiece(0, 15, 2));
    assertThat(pieces(new BestFitPacker(8).pack(new int[] {16}), 0)).hasSize(2);
    assertThat(pieces(new BestFitPacker(2).pack(new int[] {3}), 0)).hasSize(2);
  }

  @Test
  void anEmptyWindowHasNoPacks() {
    assertThat(new BestFitPacker(8).pack(new int[0]).packs()).isEmpty();
    assertThat(new BestFitPacker(8).pack(new int[] {0, 0}).packs()).isEmpty();
    assertThat(new BestFitPacker(8).pack(new int[0]).efficiency()).isEqualTo(1.0);
    assertThatThrownBy(() -> new BestFitPacker(1)).hasMessage("pack length 1 is below 2");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void keepsEveryTokenOnceInOrderAndNeverOverfills(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      int packLength = random.nextInt(2, 100);
      int longest = random.nextInt(1, 4 * packLength);
      int[] lengths = random.ints(random.nextInt(0, 200), 0, longest + 1).toArray();
      Packing packing = new BestFitPacker(packLength).pack(lengths);

      List<int[]> documents = numbered(lengths);
      List<List<Integer>> found = new ArrayList<>();
      Arrays.stream(lengths).forEach(length -> found.add(new ArrayList<>()));
      for (int document = 0; document < lengths.length; document++) {
        for (PackPiece piece : pieces(packing, document)) {
          for (int i = 0; i < piece.length(); i++) {
            found.get(document).add(documents.get(document)[piece.from() + i]);
          }
        }
      }
      for (int document = 0; document < lengths.length; document++) {
        assertThat(found.get(document))
            .containsExactlyElementsOf(Arrays.stream(documents.get(document)).boxed().toList());
      }
      for (Pack pack : packing.packs()) {
        assertThat(pack.length()).isBetween(1, packLength);
        assertThat(pack.tokens(documents)).hasSize(pack.length()).doesNotHaveDuplicates();
        assertThat(pack.documentStarts()).startsWith(0).endsWith(pack.length());
      }
      assertThat(packing.tokens()).isEqualTo(Arrays.stream(lengths).sum());
      assertThat(new BestFitPacker(packLength).pack(lengths)).isEqualTo(packing);
    }
  }

  /**
   * As tight as the figures published for best-fit decreasing on 10,000 documents: 99.90 to 99.96 %
   * on short instructions, 99.73 % on lengths uniform up to the capacity. Where chance gave more
   * than half-full documents than partners for them no packer reaches that, so the uniform lengths
   * are measured against the fewest packs possible.
   */
  @Test
  void packsAsTightAsPublished() {
    for (long seed = 0; seed < 5; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int[] uniform = random.ints(10_000, 1, 513).toArray();
      long tooLargeForTwo = Arrays.stream(uniform).filter(length -> length > 256).count();
      long fewest = Math.max(tooLargeForTwo, Math.ceilDiv(Arrays.stream(uniform).sum(), 512));
      assertThat(new BestFitPacker(512).pack(uniform).packs().size())
          .isLessThan((int) (fewest * 1.008));

      int[] prose =
          IntStream.range(0, 10_000)
              .map(i -> (int) Math.clamp(Math.exp(4.6 + gauss(random) * 0.8), 8, 4000))
              .toArray();
      assertThat(new BestFitPacker(1024).pack(prose).efficiency()).isGreaterThan(0.999);
      assertThat(new BestFitPacker(1024).pack(Arrays.copyOf(prose, 1000)).efficiency())
          .isGreaterThan(0.985);
      assertThat(new BestFitPacker(256).pack(Arrays.copyOf(prose, 128)).efficiency())
          .isGreaterThan(0.96);
    }
  }

  private static double gauss(SplittableRandom random) {
    return random.doubles(12).sum() - 6;
  }

  private static List<PackPiece> pieces(Packing packing, int document) {
    return packing.packs().stream()
        .flatMap(pack -> pack.pieces().stream())
        .filter(piece -> piece.document() == document)
        .sorted((a, b) -> Integer.compare(a.from(), b.from()))
        .toList();
  }

  /** Documents in which no two tokens are equal. */
  private static List<int[]> numbered(int[] lengths) {
    List<int[]> documents = new ArrayList<>();
    int next = 0;
    for (int length : lengths) {
      documents.add(IntStream.range(next, next + length).toArray());
      next += length;
    }
    return documents;
  }
}
