package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import io.millrace.vision.detector.head.FcosHead;
import io.millrace.vision.detector.head.FcosHead.BoxLoss;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.PyramidNeck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FcosHeadTest extends HeadContract {

  private static final List<Integer> STRIDES = List.of(4, 8, 16);
  private static final double[][] NONE = {};

  @Override
  Neck neck() {
    return new PyramidNeck(16, STRIDES, PyramidNeck.Extra.CONVOLUTION);
  }

  @Override
  Head head() {
    return head(1.5);
  }

  private static Head head(double radius) {
    return new FcosHead(16, 1, List.of(8.0, 14.0), radius, BoxLoss.GIOU);
  }

  private HeadAlone alone(double radius, Map<String, double[]> weights) {
    return new HeadAlone(engine(), scenes(head(radius)), weights);
  }

  /** Centres of cells, and their strides. */
  private static List<double[]> locations() {
    List<double[]> found = new ArrayList<>();
    for (int level = 0; level < STRIDES.size(); level++) {
      int stride = STRIDES.get(level);
      for (int y = 0; y < 64 / stride; y++) {
        for (int x = 0; x < 64 / stride; x++) {
          found.add(new double[] {(x + 0.5) * stride, (y + 0.5) * stride, stride, level});
        }
      }
    }
    return found;
  }

  /** Distances to the left, top, right and bottom of a row's box. */
  private static double[] sides(double[] at, double[] row) {
    return new double[] {
      at[0] - (row[2] - row[4] / 2),
      at[1] - (row[3] - row[5] / 2),
      row[2] + row[4] / 2 - at[0],
      row[3] + row[5] / 2 - at[1]
    };
  }

  private static double min(double[] values) {
    return Math.min(Math.min(values[0], values[1]), Math.min(values[2], values[3]));
  }

  private static double max(double[] values) {
    return Math.max(Math.max(values[0], values[1]), Math.max(values[2], values[3]));
  }

  /** The row that a location learns, or -1. */
  private static int learned(double[] at, double[][] rows, int picture, double radius) {
    double[] least = {0, 8, 14};
    double[] most = {8, 14, 1e9};
    int level = (int) at[3];
    int found = -1;
    for (int k = 0; k < rows.length; k++) {
      double[] sides = sides(at, rows[k]);
      double away = Math.max(Math.abs(at[0] - rows[k][2]), Math.abs(at[1] - rows[k][3]));
      boolean may =
          rows[k][0] == picture
              && min(sides) > 0
              && max(sides) > least[level]
              && max(sides) <= most[level]
              && (radius == 0 || away < radius * at[2]);
      if (may && (found < 0 || area(rows[k]) < area(rows[found]))) {
        found = k;
      }
    }
    return found;
  }

  private static double area(double[] row) {
    return row[4] * row[5];
  }

  private static double centreness(double[] s) {
    return Math.sqrt(
        Math.min(s[0], s[2]) / Math.max(s[0], s[2]) * Math.min(s[1], s[3]) / Math.max(s[1], s[3]));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1.5})
  void locationsLearnWhatTheScalarReferenceSays(double radius) {
    Random random = new Random(5);
    double[][] rows = new double[30][];
    for (int k = 0; k < rows.length; k++) {
      rows[k] =
          new double[] {
            k / 20,
            random.nextInt(3),
            random.nextDouble() * 64,
            random.nextDouble() * 64,
            2 + random.nextDouble() * 40,
            2 + random.nextDouble() * 40
          };
    }
    double[][] ignored = {{1, 0, 20, 20, 30, 24}, {1, 1, 50, 60, 20, 8}};
    try (HeadAlone head = alone(radius, Map.of())) {
      NDList found = head.targets(2, rows, ignored);
      long[] classes = found.get(0).toLongArray();
      double[] boxes = found.get(1).toDoubleArray();
      double[] centres = found.get(2).toDoubleArray();
      double[] counted = found.get(3).toDoubleArray();
      List<double[]> all = locations();
      double sum = 0;
      int objects = 0;
      for (int i = 0; i < 2 * all.size(); i++) {
        double[] at = all.get(i % all.size());
        int picture = i / all.size();
        int k = learned(at, rows, picture, radius);
        assertThat(classes[i]).as("place %d", i).isEqualTo(k < 0 ? -1 : (long) rows[k][1]);
        boolean out =
            picture == 1 && (min(sides(at, ignored[0])) > 0 || min(sides(at, ignored[1])) > 0);
        assertThat(counted[i]).isEqualTo(k < 0 && out ? 0 : 1);
        double centre = k < 0 ? 0 : centreness(sides(at, rows[k]));
        assertThat(centres[i]).isCloseTo(centre, within(1e-12));
        if (k >= 0) {
          objects++;
          assertThat(boxes[4 * i]).isCloseTo(rows[k][2] - rows[k][4] / 2, within(1e-12));
          assertThat(boxes[4 * i + 3]).isCloseTo(rows[k][3] + rows[k][5] / 2, within(1e-12));
        }
        sum += centre;
      }
      assertThat(head.counts(2, rows, ignored))
          .containsExactly(new double[] {objects, sum}, within(1e-9));
      assertThat(objects).isGreaterThan(20);
    }
  }

  @Test
  void aLocationWithinTwoObjectsLearnsTheSmaller() {
    double[][] rows = {{0, 0, 32, 32, 30, 30}, {0, 1, 34, 34, 26, 24}};
    try (HeadAlone head = alone(0, Map.of())) {
      NDList found = head.targets(1, rows, NONE);
      // The coarsest map: distances over 14. Its cell in the middle, at 40, is in both.
      int at = 256 + 64 + 2 * 4 + 2;
      assertThat(found.get(0).toLongArray()[at]).isEqualTo(1);
      // Left 19, right 7, top 18, bottom 6.
      assertThat(found.get(2).toDoubleArray()[at])
          .isCloseTo(Math.sqrt(7.0 / 19 * 6 / 18), within(1e-12));
    }
  }

  @Test
  void candidatesAreDistancesFromTheirLocationByRootOfBothScores() {
    Map<String, double[]> weights =
        Map.of(
            "head.distances.bias",
            new double[] {Math.log(1), Math.log(2), Math.log(3), Math.log(0.5)},
            "head.classes.bias",
            new double[] {0, Math.log(3), -5},
            "head.centre.bias",
            new double[] {Math.log(4)},
            "head.scale",
            new double[] {1, 1, 1});
    try (HeadAlone head = alone(1.5, weights)) {
      double[][] found = head.candidates(1000);
      assertThat(found).hasDimensions(1000, 6);
      double best = Math.sqrt(0.75 * 0.8);
      int places = 256 + 64 + 16;
      for (int i = 0; i < places; i++) {
        assertThat(found[i][4]).isCloseTo(best, within(1e-9));
        assertThat(found[i][5]).isEqualTo(1);
      }
      assertThat(found[places][4]).isCloseTo(Math.sqrt(0.5 * 0.8), within(1e-9));
      for (double[] at : locations()) {
        double stride = at[2];
        double[] box = {at[0] - stride, at[1] - 2 * stride, 4 * stride, 2.5 * stride};
        assertThat(List.of(found))
            .anySatisfy(row ->
                assertThat(new double[] {row[0], row[1], row[2], row[3]})
                    .containsExactly(box, within(1e-9)));
      }
    }
  }

  @Test
  void lossesAreThoseOfTheFormulas() {
    Map<String, double[]> weights =
        Map.of("head.scale", new double[] {1, 1, 1}, "head.centre.bias", new double[] {0.3});
    double[][] rows = {{0, 1, 30, 30, 12, 12}};
    try (HeadAlone head = alone(1.5, weights)) {
      double[] counts = head.counts(1, rows, NONE);
      double objects = 0;
      double sum = 0;
      double box = 0;
      double centre = 0;
      for (double[] at : locations()) {
        if (learned(at, rows, 0, 1.5) == 0) {
          double target = centreness(sides(at, rows[0]));
          objects++;
          sum += target;
          box += target * (1 - giou(at, rows[0]));
          double p = 1 / (1 + Math.exp(-0.3));
          centre -= target * Math.log(p) + (1 - target) * Math.log(1 - p);
        }
      }
      // Logits of 0: each of the three classes costs 0.25 of ln 2, weighted by 0.25 or 0.75.
      double classes = Math.log(2) / 4 * (0.25 * objects + 0.75 * (3 * 336 - objects));
      double[] found = head.losses(counts, rows, NONE);
      assertThat(found[1]).isCloseTo(classes / objects, within(1e-9));
      assertThat(found[2]).isCloseTo(box / sum, within(1e-9));
      assertThat(found[3]).isCloseTo(centre / objects, within(1e-9));
      assertThat(found[0]).isCloseTo(found[1] + found[2] + found[3], within(1e-9));
    }
  }

  /** Of an object with the box that reaches a stride from a location on every side. */
  private static double giou(double[] at, double[] row) {
    double[] s = sides(at, row);
    double stride = at[2];
    double shared =
        (Math.min(s[0], stride) + Math.min(s[2], stride))
            * (Math.min(s[1], stride) + Math.min(s[3], stride));
    double around =
        (Math.max(s[0], stride) + Math.max(s[2], stride))
            * (Math.max(s[1], stride) + Math.max(s[3], stride));
    double union = area(row) + 4 * stride * stride - shared;
    return shared / union - (around - union) / around;
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new FcosHead(16, 1, List.of(8.0, 8.0), 1.5, BoxLoss.IOU))
        .hasMessageContaining("do not rise");
    assertThatThrownBy(() -> new FcosHead(16, 99, List.of(), 1.5, BoxLoss.IOU))
        .hasMessageContaining("99 convolutions");
    assertThatThrownBy(() -> new FcosHead(16, 1, List.of(), -1, BoxLoss.IOU))
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> scenes(new FcosHead(16, 1, List.of(9.0), 1.5, BoxLoss.IOU)))
        .hasMessageContaining("1 limits for 3 maps");
  }
}
