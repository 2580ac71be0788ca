package io.millrace.vision.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.evaluate.ErrorAnalysis.Errors;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class ErrorAnalysisTest {
  private static final Box BOX = new Box(0, 0, 10, 10);

  static Stream<GoldenCases.Case> cases() {
    return GoldenCases.small().filter(one -> one.json().has("tide"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsTide(GoldenCases.Case golden) {
    ErrorAnalysis analysis = ErrorAnalysis.of(golden.classes(), golden.pictures());
    JsonNode tide = golden.json().path("tide");
    assertThat(analysis.ap()).isCloseTo(tide.path("ap").asDouble(), within(1e-9));
    JsonNode errors = tide.path("errors");
    // Of equal scores TIDE counts the errors first once one is repaired, and here the order stays.
    boolean distinct = golden.hasDistinctScores();
    requireEqual(analysis.classification(), errors.path("Cls"), distinct);
    requireEqual(analysis.localisation(), errors.path("Loc"), distinct);
    requireEqual(analysis.both(), errors.path("Both"), distinct);
    requireEqual(analysis.duplicate(), errors.path("Dupe"), distinct);
    requireEqual(analysis.background(), errors.path("Bkg"), distinct);
    requireEqual(analysis.missed(), errors.path("Miss"), distinct);
  }

  @Test
  void comparesGainsOfSeveralCases() {
    assertThat(cases().filter(GoldenCases.Case::hasDistinctScores)).hasSizeGreaterThanOrEqualTo(3);
  }

  private static void requireEqual(Errors actual, JsonNode expected, boolean alsoGain) {
    assertThat(actual.count()).isEqualTo(expected.path(0).asLong());
    if (alsoGain) {
      assertThat(actual.gain()).isCloseTo(expected.path(1).asDouble(), within(1e-9));
    }
  }

  @Test
  void knowsEachKind() {
    assertThat(counts(List.of(truth(BOX, 0)), found(BOX, 1))).containsExactly(1, 0, 0, 0, 0, 0);
    // IoU 40 / 100.
    Box part = new Box(0, 0, 10, 4);
    assertThat(counts(List.of(truth(BOX, 0)), found(part, 0))).containsExactly(0, 1, 0, 0, 0, 0);
    // Nothing repairs both at once, so the truth is missed too.
    assertThat(counts(List.of(truth(BOX, 0)), found(part, 1))).containsExactly(0, 0, 1, 0, 0, 1);
    assertThat(counts(List.of(truth(BOX, 0)), found(BOX, 0), found(BOX, 0)))
        .containsExactly(0, 0, 0, 1, 0, 0);
    Box elsewhere = new Box(50, 50, 10, 10);
    assertThat(counts(List.of(truth(BOX, 0)), found(BOX, 0), found(elsewhere, 0)))
        .containsExactly(0, 0, 0, 0, 1, 0);
    assertThat(counts(List.of(truth(BOX, 0)))).containsExactly(0, 0, 0, 0, 0, 1);
  }

  @Test
  void gainsWhatARepairIsWorth() {
    // One of two truths is found, the other one in the wrong class.
    ErrorAnalysis analysis =
        ErrorAnalysis.of(
            2,
            List.of(
                new EvaluatedPicture(
                    List.of(truth(BOX, 0), truth(new Box(50, 50, 10, 10), 1)),
                    List.of(found(BOX, 0), found(new Box(50, 50, 10, 10), 0)))));
    assertThat(analysis.ap()).isCloseTo(0.5, within(1e-9));
    assertThat(analysis.classification().gain()).isCloseTo(0.5, within(1e-9));
    assertThat(analysis.missed()).isEqualTo(new Errors(0, 0));
  }

  @Test
  void isNoErrorWithinACrowd() {
    LabelledBox crowd = new LabelledBox(new Box(0, 0, 100, 100), 0, true);
    assertThat(counts(List.of(crowd), found(BOX, 0))).containsOnly(0);
    // Of another class it is one.
    assertThat(counts(List.of(crowd), found(BOX, 1))).containsExactly(0, 0, 0, 0, 1, 0);
  }

  @Test
  void sumsUpToOneIfNothingElseIsWrong() {
    ErrorAnalysis analysis =
        ErrorAnalysis.of(
            1, List.of(new EvaluatedPicture(List.of(truth(BOX, 0)), List.<Detection>of())));
    assertThat(analysis.ap()).isEqualTo(0);
    assertThat(analysis.missed()).isEqualTo(new Errors(1, 1));
    assertThat(ErrorAnalysis.of(1, List.of()).ap()).isEqualTo(-1);
  }

  private static int[] counts(List<LabelledBox> truth, Detection... found) {
    ErrorAnalysis analysis =
        ErrorAnalysis.of(2, List.of(new EvaluatedPicture(truth, List.of(found))));
    return Stream.of(
            analysis.classification(),
            analysis.localisation(),
            analysis.both(),
            analysis.duplicate(),
            analysis.background(),
            analysis.missed())
        .mapToInt(errors -> (int) errors.count())
        .toArray();
  }

  private static LabelledBox truth(Box box, int classIndex) {
    return new LabelledBox(box, classIndex, false);
  }

  private static Detection found(Box box, int classIndex) {
    return new Detection(box, classIndex, "", 0.9);
  }
}
