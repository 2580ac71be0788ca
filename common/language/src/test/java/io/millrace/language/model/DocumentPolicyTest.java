package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention inside documents and across the documents of a pack, in float64. */
class DocumentPolicyTest {

  /** Two packs of two documents and of three. */
  private static final long[] DOCUMENTS = {0, 5, 9, 12, 13, 20};

  private static final long[] PACKS = {0, 9, 20};
  private static final int[] IDS = DoubleDecoder.randomIds(20, 1);
  private static final double[] NORMALISERS = {15, 11, 7, 5};

  private final DoubleDecoder decoder = new DoubleDecoder(Map.of("num_nextn_predict_layers", 2));

  @AfterEach
  void close() {
    decoder.close();
  }

  @Test
  void crossingPredictsFromTheWholePack() {
    double[][] logits = DoubleDecoder.rows(decoder.logits(IDS, PACKS).getFirst());
    double expected = 0;
    for (int d = 0; d + 1 < DOCUMENTS.length; d++) {
      for (int t = (int) DOCUMENTS[d]; t + 1 < DOCUMENTS[d + 1]; t++) {
        expected -= DoubleDecoder.logProbability(logits[t], IDS[t + 1]);
      }
    }
    assertThat(decoder.evaluate(IDS, DOCUMENTS, PACKS)).isCloseTo(expected, within(1e-9));
    double main = decoder.byHand(0, IDS, DOCUMENTS, PACKS, NORMALISERS).getFirst().getDouble(0);
    assertThat(main).isCloseTo(expected / 15, within(1e-10));
    assertThat(decoder.evaluate(IDS, DOCUMENTS, DOCUMENTS))
        .as("documents on their own")
        .isNotCloseTo(expected, within(1e-3));
  }

  @Test
  void packsNeverSeeEachOther() {
    NDList together = decoder.byHand(0, IDS, DOCUMENTS, PACKS, NORMALISERS);
    NDList first =
        decoder.byHand(
            0, Arrays.copyOfRange(IDS, 0, 9), new long[] {0, 5, 9}, new long[] {0, 9}, NORMALISERS);
    NDList second =
        decoder.byHand(
            0,
            Arrays.copyOfRange(IDS, 9, 20),
            new long[] {0, 3, 4, 11},
            new long[] {0, 11},
            NORMALISERS);
    for (int i = 0; i < together.size(); i++) {
      assertThat(DoubleDecoder.distance(together.get(i), first.get(i).add(second.get(i))))
          .as("result %d", i)
          .isLessThan(1e-10);
    }
  }

  /**
   * Module k reads the tokens ahead in its span, and its loss is that of the targets k + 1 ahead in
   * each document, averaged over the modules (arXiv 2412.19437, equations 24 and 25).
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void mtpModulesPredictFromTheTokensAhead(boolean crossing) {
    long[] spans = crossing ? PACKS : DOCUMENTS;
    NDList logits = decoder.logits(IDS, spans);
    double expected = 0;
    for (int k = 1; k <= 2; k++) {
      double[][] rows = DoubleDecoder.rows(logits.get(k));
      double sum = 0;
      for (int d = 0; d + 1 < DOCUMENTS.length; d++) {
        for (int t = (int) DOCUMENTS[d]; t + k + 1 < DOCUMENTS[d + 1]; t++) {
          sum -= DoubleDecoder.logProbability(rows[t], IDS[t + k + 1]);
        }
      }
      expected += sum / NORMALISERS[k] / 2;
    }
    for (NDList step :
        List.of(
            decoder.byAutograd(IDS, DOCUMENTS, spans, NORMALISERS),
            decoder.byLayers(0, IDS, DOCUMENTS, spans, NORMALISERS),
            decoder.byHand(0, IDS, DOCUMENTS, spans, NORMALISERS))) {
      assertThat(step.getFirst().getDouble(1)).isCloseTo(expected, within(1e-10));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void writtenByHandEqualsAutogradAcrossDocuments(int recomputeEvery) {
    NDList expected = decoder.byAutograd(IDS, DOCUMENTS, PACKS, NORMALISERS);
    NDList found = decoder.byHand(recomputeEvery, IDS, DOCUMENTS, PACKS, NORMALISERS);
    NDList byLayers = decoder.byLayers(recomputeEvery, IDS, DOCUMENTS, PACKS, NORMALISERS);
    assertThat(found).hasSameSizeAs(expected);
    assertThat(byLayers).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(DoubleDecoder.distance(found.get(i), expected.get(i)))
          .as("result %d", i)
          .isLessThan(1e-10);
      assertThat(DoubleDecoder.distance(byLayers.get(i), expected.get(i)))
          .as("result %d layer by layer", i)
          .isLessThan(1e-10);
    }
    NDList isolated = decoder.byAutograd(IDS, DOCUMENTS, DOCUMENTS, NORMALISERS);
    assertThat(DoubleDecoder.distance(found.getFirst(), isolated.getFirst())).isGreaterThan(1e-3);
  }
}
