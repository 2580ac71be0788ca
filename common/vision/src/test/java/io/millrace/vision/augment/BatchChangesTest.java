package io.millrace.vision.augment;

import static io.millrace.vision.augment.TrainingPictures.crowd;
import static io.millrace.vision.augment.TrainingPictures.isWhite;
import static io.millrace.vision.augment.TrainingPictures.noise;
import static io.millrace.vision.augment.TrainingPictures.object;
import static io.millrace.vision.augment.TrainingPictures.scaled;
import static io.millrace.vision.augment.TrainingPictures.white;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.view.Pyramid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every change of batches, by pictures whose answer is plain. */
class BatchChangesTest {

  private static final int SIDE = 64;
  private static final double VISIBLE = 0.4;

  private static Draws draws(long step) {
    return new Draws(3, step, 0);
  }

  private static TrainingPicture only(BatchChange change, TrainingPicture one, long step) {
    return change.apply(List.of(one), draws(step)).getFirst();
  }

  static Stream<BatchChange> changes() {
    return Stream.of(
        new Oversampling(3, 20),
        new CopyPaste(2, 20),
        new Mosaic(0.5, VISIBLE),
        new AnchorSampling(0.5, VISIBLE),
        new ContextCrop(0.5, 2, VISIBLE),
        new RandomScale(pyramid(), VISIBLE));
  }

  private static Pyramid pyramid() {
    return new Pyramid(
        List.of(
            new Pyramid.Level(2, new SizeRange(0, 20)),
            new Pyramid.Level(0.5, new SizeRange(10, Double.POSITIVE_INFINITY))));
  }

  private static List<TrainingPicture> batch() {
    List<TrainingPicture> batch = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      batch.add(noise(SIDE, 48, object(5 + i, 6, 10, 12 + i), object(30, 20, 25, 20)));
    }
    batch.add(noise(SIDE, 48));
    return batch;
  }

  /** Resuming needs the first, learning the second; the pictures of the stream are not touched. */
  @ParameterizedTest
  @MethodSource("changes")
  void dependsOnSeedStepAndPlaceAlone(BatchChange change) {
    List<TrainingPicture> batch = batch();

    List<TrainingPicture> once = change.apply(batch, draws(7));

    assertThat(once).isEqualTo(change.apply(batch(), draws(7))).hasSameSizeAs(batch);
    assertThat(batch).isEqualTo(batch());
    assertThat(Stream.of(8, 9, 10, 11).map(step -> change.apply(batch, draws(step))))
        .anyMatch(other -> !other.equals(once));
    assertThat(change.apply(batch, new Draws(4, 7, 0)))
        .isEqualTo(change.apply(batch, new Draws(4, 7, 0)));
  }

  /** What a change gives is a batch again: of one size, with boxes inside of it. */
  @ParameterizedTest
  @MethodSource("changes")
  void keepsSizeAndBoxesInside(BatchChange change) {
    for (int step = 0; step < 20; step++) {
      for (TrainingPicture one : change.apply(batch(), draws(step))) {
        assertThat(one.picture().width()).isEqualTo(SIDE);
        assertThat(one.picture().height()).isEqualTo(48);
        assertThat(one.boxes()).allMatch(box -> box.box().area() > 0);
        assertThat(one.boxes())
            .allMatch(box ->
                box.box().x() >= 0
                    && box.box().y() >= 0
                    && box.box().right() <= SIDE + 1e-9
                    && box.box().bottom() <= 48 + 1e-9);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("changes")
  void takesPicturesWithoutObjects(BatchChange change) {
    List<TrainingPicture> empty = List.of(noise(SIDE, SIDE), noise(SIDE, SIDE));
    for (TrainingPicture one : change.apply(empty, draws(1))) {
      assertThat(one.boxes()).isEmpty();
    }
  }

  /** One picture with a small object among three without: weights 3, 1, 1, 1 in four places. */
  @Test
  void showsPicturesWithSmallObjectsMoreOften() {
    TrainingPicture small = noise(SIDE, SIDE, object(1, 1, 10, 10));
    TrainingPicture large = noise(SIDE, SIDE, object(1, 1, 30, 30));
    TrainingPicture hidden = noise(SIDE, SIDE, crowd(1, 1, 10, 10));
    List<TrainingPicture> batch = List.of(large, small, hidden, large);
    int times = 0;
    for (int step = 0; step < 600; step++) {
      List<TrainingPicture> chosen = new Oversampling(3, 10).apply(batch, draws(step));
      assertThat(chosen).hasSize(4);
      long here = chosen.stream().filter(one -> one == small).count();
      assertThat(here).isEqualTo(2);
      times += chosen.contains(hidden) ? 1 : 0;
    }
    assertThat(times / 600.0).isCloseTo(4.0 / 6, within(0.08));
    assertThat(new Oversampling(3, 10).apply(List.of(small, small), draws(1)))
        .containsExactly(small, small);
    // In own pixels it is twice as large.
    TrainingPicture shrunk = scaled(small, 0.5);
    assertThat(new Oversampling(3, 10).apply(List.of(large, shrunk), draws(1)))
        .containsExactly(large, shrunk);
  }

  @Test
  void pastesCopiesWhereNothingElseIs() {
    LabelledBox small = object(4, 4, 10, 10);
    LabelledBox large = object(30, 30, 30, 30);
    LabelledBox hidden = crowd(0, 50, 6, 6);
    TrainingPicture picture = TrainingPictures.of(SIDE, SIDE, 0, small, large, hidden);
    int copies = 0;
    for (int step = 0; step < 30; step++) {
      TrainingPicture pasted = only(new CopyPaste(3, 12), picture, step);

      assertThat(pasted.boxes()).startsWith(small, large, hidden);
      List<LabelledBox> added = pasted.boxes().subList(3, pasted.boxes().size());
      copies += added.size();
      for (LabelledBox one : added) {
        assertThat(one.crowd()).isFalse();
        assertThat(one.box().width()).isBetween(8.0, 12.0);
        assertThat(isWhite(pasted.picture(), inner(one.box()))).isTrue();
        assertThat(pasted.boxes())
            .noneMatch(other -> other != one && other.box().intersection(one.box()) > 1);
      }
      double area = added.stream().mapToDouble(one -> one.box().area()).sum();
      assertThat((double) white(pasted.picture()) - white(picture.picture()))
          .isCloseTo(area, within(30.0 * added.size() + 1));
    }
    assertThat(copies).isGreaterThan(60);
  }

  @Test
  void pastesNothingWhereThereIsNoRoomAndNothingIntoPadding() {
    TrainingPicture full =
        TrainingPictures.of(SIDE, SIDE, 0, object(0, 0, 10, 10), crowd(0, 0, SIDE, SIDE));
    assertThat(only(new CopyPaste(2, 12), full, 1).boxes()).hasSize(2);
    assertThat(only(new CopyPaste(2, 9), full, 1)).isSameAs(full);

    TrainingPicture letterboxed =
        new TrainingPicture(
            full.picture(),
            List.of(object(0, 0, 10, 10)),
            new io.millrace.vision.view.Placement(1, 0, 0, SIDE, 30));
    for (int step = 0; step < 20; step++) {
      assertThat(only(new CopyPaste(2, 12), letterboxed, step).boxes())
          .allMatch(one -> one.box().bottom() <= 30.5);
    }
  }

  /** At the end of a pixel, which a copy of another size cuts off. */
  @Test
  void copiesOfLessThanAPixelAreWithinThePictureOrLeftOut() {
    TrainingPicture picture =
        TrainingPictures.noise(
            SIDE, SIDE, object(10.95, 10.9, 0.05, 0.1), object(40, 7.9, 20, 0.1));
    int copies = 0;
    for (int step = 0; step < 30; step++) {
      List<LabelledBox> boxes = only(new CopyPaste(3, 12), picture, step).boxes();
      assertThat(boxes)
          .hasSizeBetween(2, 8)
          .allMatch(one -> one.box().area() > 0 && one.box().right() <= SIDE);
      copies += boxes.size() - 2;
    }
    assertThat(copies).isBetween(30, 170);
  }

  /** Four greys around a point; each quarter shows one picture only. */
  @Test
  void putsFourPicturesAroundAPoint() {
    List<TrainingPicture> batch = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      batch.add(TrainingPictures.of(SIDE, SIDE, 40 * i, object(20, 20, 20, 20)));
    }
    for (int step = 0; step < 20; step++) {
      TrainingPicture one = new Mosaic(1, VISIBLE).apply(batch, draws(step)).get(2);
      byte[] rgb = one.picture().rgb();
      long own = 0;
      for (int at = 0; at < rgb.length; at += 3) {
        assertThat(rgb[at] & 0xff).isIn(0, 40, 80, 120, 255);
        own += rgb[at] == 80 ? 1 : 0;
      }
      assertThat(own).as("its own quarter").isPositive();
      assertThat(one.boxes()).allMatch(box -> isWhite(one.picture(), box.box()));
      double area = one.boxes().stream().mapToDouble(box -> box.box().area()).sum();
      assertThat(white(one.picture())).isEqualTo(Math.round(area));
      assertThat(one.boxes()).allMatch(box -> box.crowd() == box.box().area() < VISIBLE * 400);
      assertThat(one.placement().scale()).isEqualTo(1);
    }
    assertThat(new Mosaic(0, VISIBLE).apply(batch, draws(1))).isEqualTo(batch);
  }

  /** A picture of which every own pixel is shown as two gives way to one that is shown as it is. */
  @Test
  void aMosaicKeepsSizesInOwnPixels() {
    TrainingPicture plain = TrainingPictures.of(SIDE, SIDE, 0, object(24, 24, 8, 8));
    TrainingPicture twice = scaled(TrainingPictures.of(SIDE, SIDE, 9, object(40, 40, 16, 16)), 2);
    double size = twice.ownSize(twice.boxes().getFirst());
    assertThat(size).isEqualTo(8);
    int seen = 0;
    for (int step = 0; step < 40; step++) {
      TrainingPicture one = new Mosaic(1, 1).apply(List.of(plain, twice), draws(step)).getFirst();
      for (LabelledBox box : one.objects()) {
        seen++;
        assertThat(one.ownSize(box)).isCloseTo(8, within(1e-9));
      }
    }
    assertThat(seen).isGreaterThan(10);
  }

  /** An object of 16 pixels becomes 8 to 64, for anchor 16 or 32; one of 200 up to 8 times less. */
  @Test
  void bringsAnObjectToTheSizeOfAnAnchor() {
    assertThat(AnchorSampling.nearest(1)).isZero();
    assertThat(AnchorSampling.nearest(22)).isZero();
    assertThat(AnchorSampling.nearest(23)).isEqualTo(1);
    assertThat(AnchorSampling.nearest(5000)).isEqualTo(5);
    TrainingPicture picture = TrainingPictures.of(256, 256, 0, object(100, 120, 16, 16));
    double smallest = 1000;
    double largest = 0;
    for (int step = 0; step < 60; step++) {
      TrainingPicture one = only(new AnchorSampling(1, VISIBLE), picture, step);
      assertThat(one.boxes()).hasSize(1);
      Box box = one.boxes().getFirst().box();
      assertThat(box.width()).isCloseTo(box.height(), within(1e-9)).isBetween(8.0, 64.0);
      assertThat(one.ownSize(one.boxes().getFirst())).isCloseTo(16, within(1e-9));
      smallest = Math.min(smallest, box.width());
      largest = Math.max(largest, box.width());
      int x = (int) (box.x() + box.width() / 2);
      int y = (int) (box.y() + box.height() / 2);
      assertThat(one.picture().get(x, y, 0)).isGreaterThan(200);
    }
    assertThat(smallest).isLessThan(14);
    assertThat(largest).isGreaterThan(40);
    assertThat(only(new AnchorSampling(0, VISIBLE), picture, 1)).isSameAs(picture);
  }

  /** A box of 16 x 8 with as much around it: 32 pixels fill 64, so the box is 32 x 16. */
  @Test
  void fillsThePictureWithAnObjectAndItsContext() {
    TrainingPicture picture = TrainingPictures.of(SIDE, SIDE, 0, object(40, 10, 16, 8));

    for (int step = 0; step < 10; step++) {
      TrainingPicture one = only(new ContextCrop(1, 2, VISIBLE), picture, step);
      Box box = one.boxes().getFirst().box();
      assertThat(List.of(box.width(), box.height())).containsExactly(32.0, 16.0);
      assertThat(one.picture().get((int) box.x() + 16, (int) box.y() + 8, 0)).isEqualTo(255);
      assertThat(one.placement().scale()).isEqualTo(2);
      assertThat(one.placement().toOriginal(box)).isEqualTo(new Box(40, 10, 16, 8));
    }
  }

  /** At twice the size the small one is an object, at half of it the large one. */
  @Test
  void everyScaleLearnsSizesOfItsRange() {
    TrainingPicture picture =
        TrainingPictures.of(SIDE, SIDE, 0, object(4, 4, 8, 8), object(30, 30, 30, 30));
    int large = 0;
    for (int step = 0; step < 40; step++) {
      TrainingPicture one = only(new RandomScale(pyramid(), VISIBLE), picture, step);
      if (one.placement().scale() == 2) {
        large++;
        assertThat(one.objects()).hasSize(1);
        assertThat(one.objects().getFirst().box().width()).isEqualTo(16);
        assertThat(isWhite(one.picture(), inner(one.objects().getFirst().box()))).isTrue();
      } else {
        assertThat(one.boxes()).hasSize(2);
        assertThat(one.boxes().getFirst().crowd()).isTrue();
        assertThat(one.boxes().getFirst().box()).isEqualTo(new Box(2, 2, 4, 4));
        assertThat(one.boxes().getLast()).isEqualTo(object(15, 15, 15, 15));
        assertThat(one.picture().get(40, 10, 0)).as("padding").isEqualTo(128);
      }
    }
    assertThat(large).isBetween(8, 32);
  }

  /** Without the edge, which enlarging blends with what is around it. */
  private static Box inner(Box box) {
    return new Box(box.x() + 1, box.y() + 1, box.width() - 2, box.height() - 2);
  }

  @Test
  void mapsAreasAndCrowdsAlong() {
    LabelledBox masked = new LabelledBox(new Box(10, 10, 20, 20), 3, /* crowd= */ true, 100);
    TrainingPicture picture =
        new TrainingPicture(
            noise(SIDE, SIDE).picture(), List.of(masked), noise(SIDE, SIDE).placement());

    TrainingPicture one = picture.zoomed(20, 10, 2, VISIBLE);

    assertThat(one.boxes())
        .containsExactly(new LabelledBox(new Box(0, 0, 20, 40), 3, /* crowd= */ true, 200));
    assertThat(picture.zoomed(31, 0, 2, VISIBLE).boxes()).isEmpty();
    assertThat(Arrays.equals(picture.picture().rgb(), noise(SIDE, SIDE).picture().rgb())).isTrue();
  }

  @Test
  void refusesSenselessNumbers() {
    assertThatThrownBy(() -> new Oversampling(0.5, 3)).hasMessageContaining("0.5");
    assertThatThrownBy(() -> new CopyPaste(0, 3)).hasMessageContaining("0");
    assertThatThrownBy(() -> new Mosaic(1.5, VISIBLE)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> new AnchorSampling(-1, VISIBLE)).hasMessageContaining("-1");
    assertThatThrownBy(() -> new ContextCrop(1, 1, VISIBLE)).hasMessageContaining("enlarged");
  }
}
