package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Routing against the formulas of section 2.1.2 of arXiv 2412.19437 in plain Java. */
class RouterTest {

  private static final int TOKENS = 200;
  private static final int HIDDEN = 6;
  private static final int EXPERTS = 16;
  private static final int CHOSEN = 4;
  private static final int GROUPS = 4;
  private static final int KEPT = 2;

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final DecoderKernels kernels =
      new DecoderKernels(
          engine,
          new DecoderLayout(
              DoubleDecoder.config(
                  Map.of(
                      "n_routed_experts",
                      EXPERTS,
                      "num_experts_per_tok",
                      CHOSEN,
                      "n_group",
                      GROUPS,
                      "topk_group",
                      KEPT))),
          Products.F32);

  @AfterEach
  void close() {
    kernels.close();
  }

  @Test
  void choosesByBiasInTheBestGroupsAndWeighsWithout() {
    Random random = new Random(2);
    double[] x = random.doubles((long) TOKENS * HIDDEN, -2, 2).toArray();
    double[] router = random.doubles((long) EXPERTS * HIDDEN, -1, 1).toArray();
    double[] bias = random.doubles(EXPERTS, -1, 0).toArray();
    try (NDManager manager = engine.newManager()) {
      NDList result =
          kernels
              .kernels()
              .run(
                  manager,
                  "route",
                  manager.create(x).reshape(TOKENS, HIDDEN),
                  manager.create(router).reshape(EXPERTS, HIDDEN),
                  manager.create(bias),
                  kernels.shape());
      double[] gates = result.get(0).toDoubleArray();
      long[] chosen = result.get(1).toLongArray();
      for (int t = 0; t < TOKENS; t++) {
        double[] scores = scores(x, router, t);
        List<Integer> expected = choose(scores, bias);
        double total = expected.stream().mapToDouble(e -> scores[e]).sum();
        for (int k = 0; k < CHOSEN; k++) {
          int e = (int) chosen[t * CHOSEN + k];
          assertThat(expected).contains(e);
          assertThat(gates[t * CHOSEN + k]).isCloseTo(2.5 * scores[e] / total, within(1e-12));
        }
      }
    }
  }

  @Test
  void movesBiasesTowardsAnEvenLoad() {
    try (NDManager manager = engine.newManager()) {
      NDArray bias = manager.create(new float[] {0.5f, 0, 0, -1});
      NDArray loads = manager.create(new float[] {10, 2, 4, 0}).reshape(1, 4);
      kernels.kernels().run(manager, "update_biases", new NDList(bias), loads, 0.25);
      assertThat(bias.toFloatArray()).containsExactly(0.25f, 0.25f, 0, -0.75f);
    }
  }

  private static double[] scores(double[] x, double[] router, int t) {
    return IntStream.range(0, EXPERTS)
        .mapToDouble(e -> {
          double sum = 0;
          for (int d = 0; d < HIDDEN; d++) {
            sum += x[t * HIDDEN + d] * router[e * HIDDEN + d];
          }
          return 1 / (1 + Math.exp(-sum));
        })
        .toArray();
  }

  private static List<Integer> choose(double[] scores, double[] bias) {
    int size = EXPERTS / GROUPS;
    double[] biased = IntStream.range(0, EXPERTS).mapToDouble(e -> scores[e] + bias[e]).toArray();
    List<Integer> groups =
        IntStream.range(0, GROUPS)
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer g) -> {
                  double[] members = Arrays.copyOfRange(biased, g * size, (g + 1) * size);
                  Arrays.sort(members);
                  return -(members[size - 1] + members[size - 2]);
                }))
            .limit(KEPT)
            .toList();
    return IntStream.range(0, EXPERTS)
        .filter(e -> groups.contains(e / size))
        .boxed()
        .sorted(Comparator.comparingDouble((Integer e) -> -biased[e]))
        .limit(CHOSEN)
        .toList();
  }
}
