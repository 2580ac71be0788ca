package io.millrace.vision.detector.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.box.Box;
import io.millrace.vision.detector.match.Matching.Leftover;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatchKernelsTest {

  private static final KernelSource CHECKS =
      new KernelSource(
          "checks.py",
          """
          def total(x: List[Tensor]) -> Tensor:
              return torch.sum(giou(x[0], x[1])) + 2.0 * torch.sum(iou(x[0], x[1]))


          def gradient(x: List[Tensor]) -> List[Tensor]:
              a = x[0].detach().requires_grad_(True)
              b = x[1].detach().requires_grad_(True)
              found: List[Tensor] = []
              for one in torch.grad([total([a, b])], [a, b]):
                  assert one is not None
                  found.append(one)
              return found


          def overlaps_of(a_K4: Tensor, b_A4: Tensor) -> Tensor:
              return iou_of_pairs(torch.unsqueeze(a_K4, 0), torch.unsqueeze(b_A4, 0))


          def _of_one(boxes_K4: Tensor) -> Padded:
              return Padded(torch.unsqueeze(boxes_K4, 0), torch.unsqueeze(torch.arange(torch.size(boxes_K4, 0)), 0))


          def matches_of(objects_K4: Tensor, ignored_B4: Tensor, anchors_A4: Tensor, rule: Matching) -> Tensor:
              return matches(_of_one(objects_K4), _of_one(ignored_B4), torch.unsqueeze(anchors_A4, 0), rule)


          def matches_of_pictures(
              objects_K7: Tensor, ignored_B7: Tensor, pictures: int, anchors_NA4: Tensor, rule: Matching
          ) -> Tensor:
              return matches(padded(objects_K7, pictures), padded(ignored_B7, pictures), anchors_NA4, rule)


          def deltas(boxes: Tensor, anchors: Tensor) -> Tensor:
              return encode(boxes, anchors, 0.1, 0.2)


          def undone(deltas: Tensor, anchors: Tensor) -> Tensor:
              return decode_deltas(deltas, anchors, 0.1, 0.2)
          """);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels =
      Kernels.shared(
          engine,
          List.of(MatchKernels.boxes(), MatchKernels.anchors(), MatchKernels.matching(), CHECKS));
  private final NDManager manager = engine.newManager();
  private final Random random = new Random(7);

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray corners(List<Box> boxes) {
    double[] values =
        boxes.stream()
            .flatMapToDouble(b -> DoubleStream.of(b.x(), b.y(), b.right(), b.bottom()))
            .toArray();
    return manager.create(values, new Shape(boxes.size(), 4));
  }

  private List<Box> boxes(int count, double side, double most) {
    List<Box> boxes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double width = 1 + random.nextDouble() * most;
      double height = 1 + random.nextDouble() * most;
      boxes.add(
          new Box(random.nextDouble() * side - 5, random.nextDouble() * side - 5, width, height));
    }
    return boxes;
  }

  private List<Box> anchors(CellAnchors cell, int stride, int rows, int columns) {
    try (KernelValue value = kernels.make(cell.tuple(stride), new NDList())) {
      NDArray like = manager.zeros(new Shape(1), DataType.FLOAT64);
      double[] found =
          kernels
              .run(manager, "level_anchors", value, rows, columns, like)
              .singletonOrThrow()
              .toDoubleArray();
      List<Box> boxes = new ArrayList<>();
      for (int at = 0; at < found.length; at += 4) {
        boxes.add(Box.ofCorners(found[at], found[at + 1], found[at + 2], found[at + 3]));
      }
      return boxes;
    }
  }

  private long[] matches(List<Box> objects, List<Box> ignored, List<Box> anchors, Matching rule) {
    try (KernelValue value = kernels.make(rule.tuple(), new NDList())) {
      return kernels
          .run(manager, "matches_of", corners(objects), corners(ignored), corners(anchors), value)
          .singletonOrThrow()
          .toLongArray();
    }
  }

  @Test
  void overlapsAreThoseOfBoxes() {
    List<Box> some = boxes(30, 40, 30);
    List<Box> others = boxes(20, 40, 30);
    double[] found =
        kernels
            .run(manager, "overlaps_of", corners(some), corners(others))
            .singletonOrThrow()
            .toDoubleArray();
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).isCloseTo(some.get(i / 20).iou(others.get(i % 20)), within(1e-12));
    }
    assertThat(found).contains(0.0);
  }

  @Test
  void generalisedOverlapIsNegativeForBoxesThatAreApart() {
    NDArray a = corners(List.of(new Box(0, 0, 2, 2), new Box(0, 0, 1, 1), new Box(1, 1, 4, 4)));
    NDArray b = corners(List.of(new Box(1, 0, 2, 2), new Box(3, 0, 1, 1), new Box(1, 1, 4, 4)));
    assertThat(kernels.run(manager, "giou", a, b).singletonOrThrow().toDoubleArray())
        .containsExactly(new double[] {1 / 3.0, -0.5, 1}, within(1e-12));
  }

  @Test
  void gradientsOfOverlapsAreThoseOfFiniteDifferences() {
    NDList both = new NDList(corners(boxes(12, 20, 20)), corners(boxes(12, 20, 20)));
    GradientCheck.standard()
        .compare(kernels, manager, "total", "gradient", both)
        .requireBelow(1e-7);
  }

  @Test
  void decodingInvertsEncoding() {
    List<Box> some = boxes(50, 90, 60);
    NDArray anchors = corners(boxes(50, 90, 60));
    NDArray deltas = kernels.run(manager, "deltas", corners(some), anchors).singletonOrThrow();
    assertThat(kernels.run(manager, "undone", deltas, anchors).singletonOrThrow().toDoubleArray())
        .containsExactly(corners(some).toDoubleArray(), within(1e-9));
  }

  @Test
  void deltasAreSharesOfTheAnchorDividedByTheirSpread() {
    NDArray anchor = corners(List.of(new Box(10, 10, 20, 40)));
    NDArray box = corners(List.of(new Box(17, 16, 10, 40)));
    assertThat(kernels.run(manager, "deltas", box, anchor).singletonOrThrow().toDoubleArray())
        .containsExactly(new double[] {1, 1.5, Math.log(0.5) / 0.2, 0}, within(1e-12));
  }

  @Test
  void anchorsLieInTheMiddleOfCellsShapeByShape() {
    CellAnchors cell =
        new CellAnchors(List.of(new AnchorShape(8, List.of(1.0, 4.0), 1), AnchorShape.square(16)));
    List<Box> anchors = anchors(cell, 8, 2, 3);
    assertThat(anchors).hasSize(2 * 3 * 3).hasSize(2 * 3 * cell.count());
    assertThat(anchors.get(0)).isEqualTo(new Box(0, 0, 8, 8));
    assertThat(anchors.get(1)).isEqualTo(new Box(2, -4, 4, 16));
    assertThat(anchors.get(2)).isEqualTo(new Box(-4, -4, 16, 16));
    assertThat(anchors.get(3)).isEqualTo(new Box(8, 0, 8, 8));
    assertThat(anchors.get(9)).isEqualTo(new Box(0, 8, 8, 8));
  }

  @Test
  void faceBoxesHasTwentyOneAnchorsInACellOfStride32() {
    CellAnchors cell =
        new CellAnchors(
            List.of(
                AnchorShape.square(32).dense(4),
                AnchorShape.square(64).dense(2),
                AnchorShape.square(128)));
    assertThat(cell.count()).isEqualTo(21);
    List<Box> anchors = anchors(cell, 32, 1, 1);
    // Centres of the small ones are at 4, 12, 20 and 28, of the larger ones at 8 and 24.
    assertThat(anchors.get(0)).isEqualTo(new Box(-12, -12, 32, 32));
    assertThat(anchors.get(1)).isEqualTo(new Box(-4, -12, 32, 32));
    assertThat(anchors.get(15)).isEqualTo(new Box(12, 12, 32, 32));
    assertThat(anchors.get(16)).isEqualTo(new Box(-24, -24, 64, 64));
    assertThat(anchors.get(19)).isEqualTo(new Box(-8, -8, 64, 64));
    assertThat(anchors.get(20)).isEqualTo(new Box(-48, -48, 128, 128));
  }

  @Test
  void anchorsLearnByTheirOverlap() {
    List<Box> anchors = anchors(CellAnchors.square(10), 10, 1, 4);
    List<Box> objects = List.of(new Box(1, 0, 10, 10), new Box(25, 0, 10, 10));
    // Overlaps of the first: 9/11, 1/19; of the second: 0, 0, 1/3, 1/3.
    assertThat(matches(objects, List.of(), anchors, new Matching(0.5, 0.3, Leftover.NONE)))
        .containsExactly(0, -1, -2, -2);
    assertThat(matches(objects, List.of(), anchors, new Matching(0.5, 0.4, Leftover.NONE)))
        .containsExactly(0, -1, -1, -1);
    assertThat(matches(objects, List.of(), anchors, new Matching(0.5, 0.3, Leftover.BEST)))
        .containsExactly(0, -1, 1, 1);
  }

  @Test
  void anObjectWithFewAnchorsGetsAsManyAsOthersHave() {
    List<Box> anchors =
        anchors(new CellAnchors(List.of(AnchorShape.square(20).dense(2))), 20, 2, 2);
    // Anchors start at -5, 5, 15 and 25; the first object is one of them, its neighbours overlap by
    // a third. The second object is within four of them, and overlaps by 64 / 400 with each.
    Box large = new Box(5, 5, 20, 20);
    Box tiny = new Box(27, 27, 8, 8);
    Matching s3fd = new Matching(0.35, 0.35, Leftover.COMPENSATED);
    long[] first =
        matches(List.of(large, tiny), List.of(), anchors, new Matching(0.35, 0.35, Leftover.NONE));
    assertThat(Arrays.stream(first).filter(k -> k == 0).count()).isEqualTo(1);
    assertThat(Arrays.stream(first).filter(k -> k == 1).count()).isZero();
    long[] both = matches(List.of(large, tiny), List.of(), anchors, s3fd);
    assertThat(Arrays.stream(both).filter(k -> k == 0).count()).isEqualTo(1);
    assertThat(Arrays.stream(both).filter(k -> k == 1).count()).isEqualTo(1);
    assertThat(matches(List.of(large, new Box(27, 27, 6, 6)), List.of(), anchors, s3fd))
        .as("36 of 400 pixels are too few")
        .isEqualTo(first);
  }

  @Test
  void anchorsInIgnoredBoxesAreNoBackground() {
    List<Box> anchors = anchors(CellAnchors.square(10), 10, 1, 4);
    Matching rule = new Matching(0.5, 0.3, Leftover.NONE);
    assertThat(matches(List.of(), List.of(), anchors, rule)).containsOnly(-1);
    // Half of the third is inside of the ignored box, the second overlaps with it by a tenth.
    assertThat(matches(List.of(), List.of(new Box(19, 0, 6, 30)), anchors, rule))
        .containsExactly(-1, -1, -2, -1);
    assertThat(
            matches(List.of(new Box(20, 0, 10, 10)), List.of(new Box(0, 0, 40, 10)), anchors, rule))
        .as("what learns an object goes on")
        .containsExactly(-2, -2, 0, -2);
  }

  @ParameterizedTest
  @EnumSource(Leftover.class)
  void matchesAsTheScalarReference(Leftover leftover) {
    CellAnchors cell =
        new CellAnchors(
            List.of(new AnchorShape(13, List.of(0.6, 1.0, 1.7), 2), AnchorShape.square(30)));
    List<Box> anchors = anchors(cell, 16, 6, 7);
    for (int round = 0; round < 8; round++) {
      List<Box> objects = boxes(round * 3, 100, round % 2 == 0 ? 12 : 50);
      List<Box> ignored = boxes(round % 3, 100, 40);
      Matching rule = new Matching(0.35, round % 2 == 0 ? 0.35 : 0.2, leftover);
      assertThat(matches(objects, ignored, anchors, rule))
          .as("round %d", round)
          .containsExactly(ScalarMatching.matches(objects, ignored, anchors, rule));
    }
  }

  @Test
  void aThousandObjectsInOnePictureAreMatched() {
    List<Box> anchors = anchors(CellAnchors.square(12), 8, 30, 30);
    List<Box> objects = boxes(1000, 240, 20);
    Matching rule = new Matching(0.5, 0.4, Leftover.COMPENSATED);
    assertThat(matches(objects, List.of(), anchors, rule))
        .containsExactly(ScalarMatching.matches(objects, List.of(), anchors, rule));
  }

  /** Rows of picture, class, centre x and y, width, height and root of the area. */
  private NDArray rows(List<List<Box>> pictures) {
    List<double[]> rows = new ArrayList<>();
    for (int picture = 0; picture < pictures.size(); picture++) {
      for (Box box : pictures.get(picture)) {
        rows.add(
            new double[] {
              picture,
              0,
              box.x() + box.width() / 2,
              box.y() + box.height() / 2,
              box.width(),
              box.height(),
              Math.sqrt(box.area())
            });
      }
    }
    double[] flat = rows.stream().flatMapToDouble(Arrays::stream).toArray();
    return manager.create(flat, new Shape(rows.size(), 7));
  }

  private NDArray stacked(List<List<Box>> pictures) {
    return corners(pictures.stream().flatMap(List::stream).toList())
        .reshape(pictures.size(), pictures.getFirst().size(), 4);
  }

  /**
   * So many pairs that they are matched in parts; pictures with few boxes, with none, with many.
   */
  @ParameterizedTest
  @EnumSource(Leftover.class)
  void picturesTogetherAreMatchedAsEachAlone(Leftover leftover) {
    List<Box> shared = anchors(CellAnchors.square(14), 8, 25, 25);
    List<List<Box>> objects =
        List.of(boxes(7, 200, 40), List.of(), boxes(1400, 200, 20), boxes(2, 200, 60));
    List<List<Box>> ignored =
        List.of(List.of(), boxes(3, 200, 60), boxes(1, 200, 60), boxes(900, 200, 9));
    Matching rule = new Matching(0.4, 0.3, leftover);
    assertMatched(objects, ignored, List.of(shared), rule);
    List<List<Box>> own = new ArrayList<>();
    objects.forEach(unused -> own.add(boxes(90, 200, 40)));
    assertMatched(objects, ignored, own, rule);
  }

  private void assertMatched(
      List<List<Box>> objects, List<List<Box>> ignored, List<List<Box>> anchors, Matching rule) {
    long[] found;
    try (KernelValue value = kernels.make(rule.tuple(), new NDList())) {
      found =
          kernels
              .run(
                  manager,
                  "matches_of_pictures",
                  rows(objects),
                  rows(ignored),
                  objects.size(),
                  stacked(anchors),
                  value)
              .singletonOrThrow()
              .toLongArray();
    }
    long first = 0;
    for (int picture = 0; picture < objects.size(); picture++) {
      List<Box> own = anchors.get(anchors.size() == 1 ? 0 : picture);
      long[] expected = matches(objects.get(picture), ignored.get(picture), own, rule);
      for (int a = 0; a < expected.length; a++) {
        long row = expected[a] < 0 ? expected[a] : first + expected[a];
        assertThat(found[picture * own.size() + a]).as("%d, %d", picture, a).isEqualTo(row);
      }
      first += objects.get(picture).size();
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new AnchorShape(0, List.of(1.0), 1)).hasMessageContaining("size of 0");
    assertThatThrownBy(() -> new AnchorShape(8, List.of(), 1)).hasMessageContaining("no ratio");
    assertThatThrownBy(() -> new AnchorShape(8, List.of(-1.0), 1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> AnchorShape.square(8).dense(99)).hasMessageContaining("99");
    assertThatThrownBy(() -> new CellAnchors(List.of())).hasMessageContaining("0 anchors");
    assertThatThrownBy(() -> new Matching(0.3, 0.5, Leftover.NONE)).hasMessageContaining("0.5");
    assertThatThrownBy(() -> new Matching(0, 0, Leftover.NONE)).hasMessageContaining("IoU of 0");
  }
}
