package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The sequence-wise balance loss against equations 17 to 20 of arXiv 2412.19437 in plain Java. What
 * attention and feed-forward layers add is zero here, so that what routers read is the embedding.
 */
class BalanceLossTest {

  /** The second document is too short for the MTP module. */
  private static final int[] STARTS = {0, 6, 7, 15};

  private static final long[] LONG_STARTS = {0, 6, 7, 15};
  private static final int[] IDS = DoubleDecoder.randomIds(15, 4);
  private static final int EXPERTS = 8;
  private static final int CHOSEN = 3;
  private static final double DOCUMENTS = 3;
  private static final double[] NORMALISERS = {12, 10, DOCUMENTS};

  private final DoubleDecoder decoder =
      new DoubleDecoder(
          Map.of(
              "num_hidden_layers",
              3,
              "num_nextn_predict_layers",
              1,
              "n_group",
              1,
              "topk_group",
              1,
              "num_experts_per_tok",
              CHOSEN));

  @BeforeEach
  void silence() {
    decoder
        .layout()
        .specs()
        .forEach(spec -> {
          if (spec.name().contains("o_proj") || spec.name().contains("down_proj")) {
            decoder.weight(spec.name()).muli(0);
          }
        });
  }

  @AfterEach
  void close() {
    decoder.close();
  }

  @Test
  void isThatOfThePaper() {
    double[][] embedding = DoubleDecoder.rows(decoder.weight("model.embed_tokens.weight"));
    double[][] x = IntStream.of(IDS).mapToObj(id -> embedding[id]).toArray(double[][]::new);
    double expected = 0;
    for (int layer = 1; layer <= 2; layer++) {
      expected += layerLoss(layer, x, t -> true);
    }
    double[][] joined = new double[x.length][];
    double[][] projection = DoubleDecoder.rows(decoder.weight("model.layers.3.eh_proj.weight"));
    for (int t = 0; t < x.length; t++) {
      // The last token of a document has none after it and does not count, whatever it reads.
      double[] next = embedding[isLast(t) ? 0 : IDS[t + 1]];
      double[] before = normed(x[t], "model.norm.weight");
      double[] pair =
          concat(
              normed(next, "model.layers.3.enorm.weight"),
              normed(before, "model.layers.3.hnorm.weight"));
      joined[t] =
          IntStream.range(0, x[t].length).mapToDouble(d -> dot(projection[d], pair)).toArray();
    }
    expected += layerLoss(3, joined, t -> !isLast(t));

    for (NDList step :
        List.of(
            decoder.byAutograd(IDS, LONG_STARTS, LONG_STARTS, NORMALISERS),
            decoder.byLayers(0, IDS, LONG_STARTS, LONG_STARTS, NORMALISERS),
            decoder.byHand(0, IDS, LONG_STARTS, LONG_STARTS, NORMALISERS))) {
      assertThat(step.getFirst().getDouble(2)).isCloseTo(expected / DOCUMENTS, within(1e-10));
    }
  }

  /** Sum over the documents of sum over the experts of f * P. */
  private double layerLoss(int layer, double[][] x, IntPredicate counts) {
    String prefix = "model.layers.%d.".formatted(layer);
    double[][] router = DoubleDecoder.rows(decoder.weight(prefix + "mlp.gate.weight"));
    double[] bias = decoder.biases.get(layer - 1).toDoubleArray();
    double loss = 0;
    for (int d = 0; d + 1 < STARTS.length; d++) {
      int tokens = (int) IntStream.range(STARTS[d], STARTS[d + 1]).filter(counts).count();
      double[] f = new double[EXPERTS];
      double[] p = new double[EXPERTS];
      for (int t = STARTS[d]; t < STARTS[d + 1]; t++) {
        if (counts.test(t)) {
          double[] h = normed(x[t], prefix + "post_attention_layernorm.weight");
          double[] scores =
              IntStream.range(0, EXPERTS)
                  .mapToDouble(e -> 1 / (1 + Math.exp(-dot(router[e], h))))
                  .toArray();
          double total = IntStream.range(0, EXPERTS).mapToDouble(e -> scores[e]).sum();
          IntStream.range(0, EXPERTS)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer e) -> -(scores[e] + bias[e])))
              .limit(CHOSEN)
              .forEach(e -> f[e] += (double) EXPERTS / (CHOSEN * tokens)); // equation 18
          for (int e = 0; e < EXPERTS; e++) {
            p[e] += scores[e] / total / tokens; // equations 19 and 20
          }
        }
      }
      loss += dot(f, p); // equation 17, without alpha
    }
    return loss;
  }

  private double[] normed(double[] x, String weight) {
    double[] scale = decoder.weight(weight).toDoubleArray();
    double root = Math.sqrt(dot(x, x) / x.length + decoder.config().rmsNormEps());
    return IntStream.range(0, x.length).mapToDouble(d -> x[d] / root * scale[d]).toArray();
  }

  private static boolean isLast(int t) {
    return IntStream.of(STARTS).anyMatch(start -> start == t + 1);
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }

  private static double[] concat(double[] a, double[] b) {
    return DoubleStream.concat(DoubleStream.of(a), DoubleStream.of(b)).toArray();
  }
}
