package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import io.millrace.vision.view.Pyramid;
import io.millrace.vision.view.Slices;
import io.millrace.vision.view.Viewing;
import io.millrace.vision.view.Whole;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slices, pyramids and suppression around a network that has learned nothing. */
class DetectorViewsTest {

  private static final int WIDTH = 64;
  private static final int HEIGHT = 32;
  private static final Suppression NONE = new Suppression.None();
  private static final Whole WHOLE = new Whole();

  @TempDir static Path directory;
  private static Detector detector;

  @BeforeAll
  static void load() throws IOException {
    TensorEngine engine = TensorEngine.start("cpu");
    DetectorConfig config =
        SmallDetectors.centerNet(
            List.of("a", "b"), WIDTH, HEIGHT, List.of(8, 8, 16), List.of(1, 0), 8, 8, 8);
    try (DetectorNetwork network = DetectorNetwork.create(engine, config, 11);
        NDManager manager = engine.newManager()) {
      network.weights().load("head.box.bias", manager.create(new float[] {0.5f, 0.5f, 4, 3}));
      network.save(directory);
    }
    detector = Detector.load(engine, directory);
  }

  @AfterAll
  static void close() {
    detector.close();
  }

  private static List<Detection> detect(Picture picture, Viewing viewing, Suppression rule) {
    return detector
        .detect(List.of(picture), new DetectOptions(0, 10_000, viewing, rule))
        .getFirst();
  }

  /** Windows that touch each other find what each part of the picture alone shows. */
  @Test
  void slicesFindWhatThePartsShow() {
    Picture picture = noise(2 * WIDTH, 3 * HEIGHT);
    List<Detection> expected = new ArrayList<>(detect(picture, WHOLE, NONE));
    for (int top = 0; top < picture.height(); top += HEIGHT) {
      for (int left = 0; left < picture.width(); left += WIDTH) {
        Picture part = picture.part(left, top, WIDTH, HEIGHT);
        for (Detection one : detector.detect(part, 0, 10_000)) {
          Box whole = unclipped(one.box(), left, top, picture);
          expected.add(new Detection(whole, one.classIndex(), one.label(), one.score()));
        }
      }
    }

    List<Detection> found = detect(picture, new Slices(WIDTH, 0), NONE);

    assertThat(found).hasSizeGreaterThan(100).isSortedAccordingTo(byScore());
    assertThat(found)
        .extracting(Detection::score)
        .containsExactlyElementsOf(
            expected.stream().sorted(byScore()).map(Detection::score).toList());
    List<Detection> inside = expected.stream().filter(one -> interior(one.box())).toList();
    assertThat(inside).hasSizeGreaterThan(50);
    for (Detection one : inside) {
      assertThat(found)
          .anyMatch(other -> other.score() == one.score() && near(other.box(), one.box()));
    }
  }

  private static Comparator<Detection> byScore() {
    return Comparator.comparingDouble(Detection::score).reversed();
  }

  private static Box unclipped(Box box, int left, int top, Picture picture) {
    return box.transform(1, left, top).clip(picture.width(), picture.height());
  }

  private static boolean near(Box one, Box other) {
    return Math.abs(one.x() - other.x()) < 1e-6
        && Math.abs(one.y() - other.y()) < 1e-6
        && Math.abs(one.right() - other.right()) < 1e-6
        && Math.abs(one.bottom() - other.bottom()) < 1e-6;
  }

  /** A part alone clips boxes at its edges, a window of the whole picture does not. */
  private static boolean interior(Box box) {
    return box.x() % WIDTH > 0
        && box.y() % HEIGHT > 0
        && box.right() % WIDTH > box.x() % WIDTH
        && box.bottom() % HEIGHT > box.y() % HEIGHT;
  }

  @Test
  void mergesWhatSeveralSlicesShow() {
    Picture picture = noise(150, 90);
    Slices slices = new Slices(WIDTH, 0.3);

    List<Detection> merged = detect(picture, slices, detector.suppression(slices));

    assertThat(merged).isNotEmpty().hasSizeLessThan(detect(picture, slices, NONE).size());
    for (Detection one : merged) {
      for (Detection other : merged) {
        double smaller = Math.min(one.box().area(), other.box().area());
        boolean same = one.classIndex() == other.classIndex() && one != other;
        assertThat(same && one.box().intersection(other.box()) > 0.501 * smaller).isFalse();
      }
    }
  }

  /** Small objects at twice the size, large ones at half of it. */
  @Test
  void everyLevelOfAPyramidGivesSizesOfItsRange() {
    SizeRange small = new SizeRange(0, 9);
    SizeRange large = new SizeRange(14, Double.POSITIVE_INFINITY);
    Picture picture = noise(WIDTH, HEIGHT);
    Pyramid pyramid =
        new Pyramid(List.of(new Pyramid.Level(2, small), new Pyramid.Level(0.5, large)));

    List<Detection> found = detect(picture, pyramid, NONE);

    assertThat(found).anyMatch(one -> small.contains(one.box()));
    assertThat(found).anyMatch(one -> large.contains(one.box()));
    assertThat(found).allMatch(one -> small.contains(one.box()) || large.contains(one.box()));
    assertThat(found)
        .allMatch(one -> one.box().clip(picture.width(), picture.height()).equals(one.box()));
  }

  @Test
  void asksForMoreCandidatesThanItGives() {
    Picture picture = noise(200, 100);
    Suppression rule = new Suppression.Greedy(Overlap.UNION, 0, /* agnostic= */ true);

    List<List<Detection>> ten =
        detector.detect(List.of(picture, picture), new DetectOptions(0, 10, WHOLE, rule));

    assertThat(ten.getFirst()).hasSizeBetween(5, 10).isEqualTo(ten.getLast());
    for (Detection one : ten.getFirst()) {
      assertThat(ten.getFirst())
          .noneMatch(other -> other != one && other.box().intersection(one.box()) > 1e-3);
    }
  }

  @Test
  void softRulesLeaveOutWhatFallsBelowTheLowestScore() {
    Picture picture = noise(200, 100);
    List<Detection> all = detect(picture, WHOLE, NONE);
    double half = all.get(all.size() / 2).score();
    Suppression rule = new Suppression.Gaussian(0.5, /* agnostic= */ true);

    List<Detection> found =
        detector.detect(List.of(picture), new DetectOptions(half, 10_000, WHOLE, rule)).getFirst();

    assertThat(found).isNotEmpty().allMatch(one -> one.score() >= half);
    assertThat(found.size()).isLessThan((all.size() + 1) / 2);
  }

  @Test
  void manyPicturesGiveWhatEachGivesAlone() {
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      pictures.add(noise(30 + 7 * i, 90 - 3 * i));
    }
    List<List<Detection>> together = detector.detect(pictures, 0.1, 5);

    assertThat(together).hasSize(20);
    for (int i = 0; i < 20; i += 6) {
      List<Detection> alone = detector.detect(pictures.get(i), 0.1, 5);
      assertThat(together.get(i))
          .extracting(Detection::classIndex)
          .containsExactlyElementsOf(alone.stream().map(Detection::classIndex).toList());
    }
    assertThat(detector.detect(List.of(), 0.1, 5)).isEmpty();
  }

  @Test
  void refusesSenselessOptions() {
    assertThatThrownBy(() -> new DetectOptions(1.5, 1, WHOLE, NONE)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> new DetectOptions(0.5, 0, WHOLE, NONE)).hasMessageContaining("0");
    assertThat(detector.suppression(WHOLE)).isEqualTo(NONE);
  }

  private static Picture noise(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new Random(width).nextBytes(rgb);
    return new Picture(width, height, rgb);
  }
}
