package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The router chooses the experts that the one of Hugging Face transformers chooses, for 10,000
 * random tokens; routing/make.py made them.
 */
class RoutingParityTest {

  private static final int TOKENS = 10_000;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @ParameterizedTest
  @CsvSource({"ungrouped, 1, 1, 4", "grouped, 8, 4, 8", "negative, 4, 2, 6", "narrow, 8, 1, 3"})
  void choosesTheExpertsOfTransformers(String name, int groups, int kept, int chosen)
      throws URISyntaxException {
    try (NDManager manager = engine.newManager();
        SafetensorsFile golden = SafetensorsFile.open(golden())) {
      NDArray router = golden.load(manager, name + ".weight");
      long experts = router.getShape().get(0);
      DecoderLayout layout =
          new DecoderLayout(
              DoubleDecoder.config(
                  Map.of(
                      "n_routed_experts",
                      experts,
                      "num_experts_per_tok",
                      chosen,
                      "n_group",
                      groups,
                      "topk_group",
                      kept)));
      long[] found;
      try (DecoderKernels kernels = new DecoderKernels(engine, layout, Products.F32)) {
        found =
            kernels
                .kernels()
                .run(
                    manager,
                    "route",
                    golden.load(manager, "x").toType(DataType.FLOAT32, true),
                    router,
                    golden.load(manager, name + ".bias"),
                    kernels.shape())
                .get(1)
                .toLongArray();
      }
      int[] expected = golden.load(manager, name + ".chosen").toUint8Array();
      assertThat(found).hasSize(TOKENS * chosen);
      int different = 0;
      for (int at = 0; at < found.length; at += chosen) {
        int[] ours =
            Arrays.stream(found, at, at + chosen).mapToInt(Math::toIntExact).sorted().toArray();
        if (!Arrays.equals(ours, Arrays.copyOfRange(expected, at, at + chosen))) {
          different++;
        }
      }
      assertThat(different).as("tokens with other experts").isZero();
    }
  }

  private static Path golden() throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(RoutingParityTest.class.getResource("routing/routing.safetensors"))
            .toURI());
  }
}
