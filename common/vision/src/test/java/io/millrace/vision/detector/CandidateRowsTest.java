package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.view.Placement;
import java.util.List;
import org.junit.jupiter.api.Test;

class CandidateRowsTest {

  private static final DetectorConfig PLAIN =
      SmallDetectors.centerNet(List.of("a", "b"), 64, 32, List.of(8, 8, 8), List.of(1, 0), 8, 8, 8);
  private static final DetectorConfig TRIDENT =
      SmallDetectors.trident(
          PLAIN,
          1,
          List.of(
              new SizeRange(0, 5),
              new SizeRange(4, 9),
              new SizeRange(8, Double.POSITIVE_INFINITY)));

  /** Two branches' worth of boxes that differ in size only, for two pictures. */
  @Test
  void keepsWhatIsOfItsBranchsSize() {
    // Of sizes 4 and 10 in pixels of the input; two candidates a picture and branch.
    float[] two = {1, 1, 4, 4, 0.9f, 1, 1, 1, 10, 10, 0.4f, 0};
    float[] rows = new float[6 * two.length];
    for (int i = 0; i < 6; i++) {
      System.arraycopy(two, 0, rows, two.length * i, two.length);
      rows[two.length * i] = i;
    }
    List<Placement> placements =
        List.of(new Placement(1, 0, 0, 64, 32), new Placement(2, 0, 0, 32, 16));
    List<List<Detection>> found = new CandidateRows(TRIDENT).read(rows, placements, 0.1);
    // The first picture: 4 is the first two branches', 10 the last one's.
    assertThat(found.get(0))
        .containsExactly(
            new Detection(new Box(0, 1, 4, 4), 1, "b", 0.9f),
            new Detection(new Box(2, 1, 4, 4), 1, "b", 0.9f),
            new Detection(new Box(1, 1, 10, 10), 0, "a", 0.4f));
    // The second was shown twice as large: 2 is the first branch's, 5 the first two's.
    assertThat(found.get(1))
        .containsExactly(
            new Detection(new Box(1, 1, 4, 4), 1, "b", 0.9f),
            new Detection(new Box(1, 1, 10, 10), 0, "a", 0.4f),
            new Detection(new Box(1, 1, 10, 10), 0, "a", 0.4f));
  }

  @Test
  void withoutBranchesEverySizeIsKept() {
    float[] rows = {1, 1, 4, 4, 0.9f, 1, 1, 1, 0, 0, 0.4f, 0, 1, 1, 9, 9, 0.05f, 0};
    List<Placement> placements = List.of(new Placement(1, 0, 0, 64, 32));
    assertThat(new CandidateRows(PLAIN).read(rows, placements, 0.1).getFirst())
        .extracting(Detection::score)
        .containsExactly((double) 0.9f, (double) 0.4f);
  }
}
