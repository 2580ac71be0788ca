package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is evaluated by pieces of tokens, against all logits at once, in float64. */
class EvaluationTest {

  /** Two whole pieces and a part of one; documents that lie in two pieces. */
  private static final long[] STARTS = {0, 200, 300, 301, 600};

  private static final int[] IDS = DoubleDecoder.randomIds(600, 3);

  private final DoubleDecoder decoder = new DoubleDecoder(Map.of("num_nextn_predict_layers", 2));
  private final NDList logits = decoder.logits(IDS, STARTS);

  @AfterEach
  void close() {
    decoder.close();
  }

  @Test
  void sumsTheLossOfEveryTarget() {
    double[][] rows = DoubleDecoder.rows(logits.getFirst());
    double expected = 0;
    for (int d = 0; d + 1 < STARTS.length; d++) {
      for (int t = (int) STARTS[d]; t + 1 < STARTS[d + 1]; t++) {
        expected -= DoubleDecoder.logProbability(rows[t], IDS[t + 1]);
      }
    }
    assertThat(decoder.evaluate(IDS, STARTS, STARTS)).isCloseTo(expected, within(1e-9));
  }

  @Test
  void countsDraftsThatAreTheMainHeadsOwn() {
    double[][] main = DoubleDecoder.rows(logits.getFirst());
    long[] expected = new long[2];
    for (int k = 1; k <= 2; k++) {
      double[][] drafts = DoubleDecoder.rows(logits.get(k));
      for (int d = 0; d + 1 < STARTS.length; d++) {
        for (int t = (int) STARTS[d]; t + k + 1 < STARTS[d + 1]; t++) {
          if (likeliest(drafts[t]) == likeliest(main[t + k])) {
            expected[k - 1]++;
          }
        }
      }
    }
    assertThat(decoder.acceptedDrafts(IDS, STARTS, STARTS)).containsExactly(expected);
    assertThat(expected[0]).isPositive();
  }

  private static int likeliest(double[] row) {
    int best = 0;
    for (int i = 1; i < row.length; i++) {
      best = row[i] > row[best] ? i : best;
    }
    return best;
  }
}
