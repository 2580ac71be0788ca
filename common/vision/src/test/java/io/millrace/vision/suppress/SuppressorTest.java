package io.millrace.vision.suppress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** By hand, and against {@link ScalarSuppression}. */
class SuppressorTest {

  private static final List<String> LABELS = List.of("a", "b", "c");

  private final Suppressor suppressor = new Suppressor(TensorEngine.start("cpu"));

  private static Detection found(double x, double y, double w, double h, int type, double score) {
    return new Detection(new Box(x, y, w, h), type, LABELS.get(type), score);
  }

  private List<Detection> suppress(List<Detection> found, Suppression rule) {
    return suppressor.suppress(List.of(found), rule, 100).getFirst();
  }

  /** 10 x 10 boxes moved by 5 share 50 of 150 square pixels: a third, and half of the smaller. */
  @Test
  void removesByIntersectionOverUnion() {
    Detection best = found(0, 0, 10, 10, 0, 0.9);
    Detection moved = found(5, 0, 10, 10, 0, 0.8);
    List<Detection> both = List.of(moved, best);

    assertThat(suppress(both, greedy(Overlap.UNION, 0.33, false))).containsExactly(best);
    assertThat(suppress(both, greedy(Overlap.UNION, 0.34, false))).containsExactly(best, moved);
    assertThat(suppress(both, greedy(Overlap.SMALLER, 0.49, false))).containsExactly(best);
    assertThat(suppress(both, greedy(Overlap.SMALLER, 0.5, false))).containsExactly(best, moved);
    assertThat(suppress(both, new Suppression.None())).containsExactly(best, moved);
  }

  @Test
  void removesOtherClassesOnlyWhenTold() {
    Detection best = found(0, 0, 10, 10, 0, 0.9);
    Detection other = found(0, 0, 10, 10, 1, 0.8);
    List<Detection> both = List.of(best, other);

    assertThat(suppress(both, greedy(Overlap.UNION, 0.5, false))).containsExactly(best, other);
    assertThat(suppress(both, greedy(Overlap.UNION, 0.5, true))).containsExactly(best);
  }

  /** The middle one of a chain goes, so that the third, which only the middle one covers, stays. */
  @Test
  void aRemovedBoxRemovesNothing() {
    List<Detection> chain = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      chain.add(found(3 * i, 0, 10, 10, 0, 0.9 - 0.05 * i));
    }

    assertThat(suppress(chain, greedy(Overlap.UNION, 0.5, false)))
        .containsExactly(chain.get(0), chain.get(2), chain.get(4), chain.get(6), chain.get(8));
  }

  @Test
  void equalScoresGoByPosition() {
    Detection first = found(0, 0, 10, 10, 0, 0.5);
    Detection second = found(1, 0, 10, 10, 0, 0.5);

    for (Suppression rule : List.of(greedy(Overlap.UNION, 0.5, false), soft(0.3))) {
      assertThat(suppress(List.of(first, second), rule).getFirst()).isEqualTo(first);
      assertThat(suppress(List.of(second, first), rule).getFirst()).isEqualTo(second);
    }
  }

  /** IoU 1/3: the linear rule leaves two thirds, the gaussian one exp(-1/9/0.5). */
  @Test
  void softRulesLowerScores() {
    List<Detection> both = List.of(found(0, 0, 10, 10, 0, 0.9), found(5, 0, 10, 10, 0, 0.6));

    assertThat(suppress(both, soft(0.3)).getLast().score()).isCloseTo(0.4, within(1e-6));
    assertThat(suppress(both, soft(0.4)).getLast().score()).isEqualTo(0.6);
    assertThat(suppress(both, new Suppression.Gaussian(0.5, false)).getLast().score())
        .isCloseTo(0.6 * Math.exp(-1 / 4.5), within(1e-6));
  }

  /** A lowered score falls behind another's. */
  @Test
  void softRulesSortAnew() {
    Detection best = found(0, 0, 10, 10, 0, 0.9);
    Detection same = found(0, 0, 10, 9, 0, 0.8);
    Detection apart = found(50, 0, 10, 10, 0, 0.3);

    List<Detection> left = suppress(List.of(best, same, apart), soft(0.3));

    assertThat(left).hasSize(3).startsWith(best, apart);
    assertThat(left.getLast().score()).isCloseTo(0.08, within(1e-6));
    assertThat(left.getLast().box()).isEqualTo(same.box());
  }

  /** Halves of an object that two slices cut; a part of it that the better one alone covers. */
  @Test
  void mergesPartsOfAnObject() {
    Detection left = found(0, 0, 12, 10, 0, 0.9);
    Detection right = found(4, 1, 16, 10, 0, 0.8);
    Detection part = found(2, 2, 3, 3, 0, 0.7);
    Detection other = found(4, 1, 16, 10, 1, 0.6);
    Detection apart = found(40, 0, 5, 5, 0, 0.5);
    List<Detection> all = List.of(left, right, part, other, apart);

    assertThat(suppress(all, new Suppression.Merge(Overlap.SMALLER, 0.5, false)))
        .containsExactly(found(0, 0, 20, 11, 0, 0.9), other, apart);
    assertThat(suppress(all, new Suppression.Merge(Overlap.UNION, 0.5, false)))
        .as("72 of 208 square pixels are no half of the union")
        .containsExactly(left, right, part, other, apart);
    assertThat(suppress(all, new Suppression.Merge(Overlap.SMALLER, 0.5, true)))
        .containsExactly(found(0, 0, 20, 11, 0, 0.9), apart);
  }

  /** More than a block of the kernel, in which the removed lie behind what removes them. */
  @Test
  void mergesThousandsByBlocks() {
    List<Detection> many = random(3000, 9);
    Suppression rule = new Suppression.Merge(Overlap.SMALLER, 0.6, false);
    assertThat(suppressor.suppress(List.of(many), rule, 3000).getFirst())
        .isEqualTo(ScalarSuppression.suppress(many, rule, 3000));
  }

  static Stream<Suppression> rules() {
    return Stream.of(
        new Suppression.None(),
        greedy(Overlap.UNION, 0.5, false),
        greedy(Overlap.UNION, 0.1, true),
        greedy(Overlap.SMALLER, 0.7, false),
        greedy(Overlap.SMALLER, 0.3, true),
        new Suppression.Merge(Overlap.UNION, 0.4, false),
        new Suppression.Merge(Overlap.SMALLER, 0.5, true),
        new Suppression.Linear(0.3, false),
        new Suppression.Linear(0, true),
        new Suppression.Gaussian(0.5, false),
        new Suppression.Gaussian(0.1, true));
  }

  /** Pictures of different numbers of boxes, none among them; many equal scores and boxes. */
  @ParameterizedTest
  @MethodSource("rules")
  void isTheScalarRule(Suppression rule) {
    List<List<Detection>> pictures =
        List.of(random(300, 1), List.of(), random(120, 2), random(1, 3));
    for (int limit : new int[] {1, 40, 1000}) {
      List<List<Detection>> left = suppressor.suppress(pictures, rule, limit);
      for (int i = 0; i < pictures.size(); i++) {
        requireSame(left.get(i), ScalarSuppression.suppress(pictures.get(i), rule, limit), rule);
      }
    }
  }

  /** Scores are compared to float32; the order of what a soft rule makes equal may differ. */
  private static void requireSame(
      List<Detection> left, List<Detection> expected, Suppression rule) {
    assertThat(left).as(rule.toString()).hasSameSizeAs(expected);
    boolean soft = rule instanceof Suppression.Linear || rule instanceof Suppression.Gaussian;
    for (int i = 0; i < left.size(); i++) {
      assertThat(left.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-6));
      if (!soft) {
        assertThat(left.get(i)).isEqualTo(expected.get(i));
      }
    }
  }

  /** More than a block of the kernel, of which blocks behind the first hold what is kept. */
  @Test
  void thousandsOfBoxesGoByBlocks() {
    List<Detection> many = random(5000, 7);
    Suppression rule = greedy(Overlap.UNION, 0.4, false);
    for (int limit : new int[] {10, 300, 5000}) {
      assertThat(suppressor.suppress(List.of(many, random(10, 8)), rule, limit).getFirst())
          .isEqualTo(ScalarSuppression.suppress(many, rule, limit));
    }
  }

  @Test
  void nothingIsLeftOfNothing() {
    assertThat(suppressor.suppress(List.of(), soft(0.5), 5)).isEmpty();
    assertThat(suppressor.suppress(List.of(List.of(), List.of()), soft(0.5), 5))
        .containsExactly(List.of(), List.of());
    assertThat(suppress(List.of(found(0, 0, 5, 5, 0, 0)), greedy(Overlap.UNION, 0.5, false)))
        .isEmpty();
    Detection flat = found(3, 3, 0, 0, 0, 0.5);
    assertThat(suppress(List.of(flat, flat), greedy(Overlap.SMALLER, 0.5, false)))
        .containsExactly(flat, flat);
  }

  @Test
  void refusesSenselessRules() {
    assertThatThrownBy(() -> greedy(Overlap.UNION, 1.5, false)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> new Suppression.Merge(Overlap.UNION, -1, false))
        .hasMessageContaining("-1.0");
    assertThatThrownBy(() -> soft(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Suppression.Gaussian(0, false)).hasMessageContaining("sigma");
    assertThatThrownBy(() -> suppressor.suppress(List.of(), soft(0.5), 0))
        .hasMessageContaining("at least 1");
  }

  private static Suppression greedy(Overlap overlap, double threshold, boolean agnostic) {
    return new Suppression.Greedy(overlap, threshold, agnostic);
  }

  private static Suppression soft(double threshold) {
    return new Suppression.Linear(threshold, /* agnostic= */ false);
  }

  /** Whole pixels and scores of whole 64ths, which float32 holds exactly. */
  private static List<Detection> random(int count, long seed) {
    Random random = new Random(seed);
    List<Detection> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      found.add(
          found(
              random.nextInt(150),
              random.nextInt(150),
              random.nextInt(40),
              random.nextInt(40),
              random.nextInt(3),
              random.nextInt(65) / 64.0));
    }
    return found;
  }
}
