package io.millrace.language.train;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.DecoderLayout;
import io.millrace.language.model.Products;
import io.millrace.language.model.ScaledProducts;
import io.millrace.language.model.TensorCores;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * To which numbers a training step rounds. The weights that the optimizer moves, sums of their
 * gradients, routers and evaluation are float32 in all of them. The processor, which has no fast
 * products of such numbers, rounds in the products of the body's linear layers alone; where {@link
 * TensorCores} has kernels for it, bfloat16 is the number format of all else too.
 */
public enum Precision {
  /** Nothing is rounded. */
  F32,
  /**
   * Operands and what layers give in bfloat16; so are the optimizer's moments. On tensor cores, and
   * for shapes that are not written by hand anywhere, also the residual stream, attention,
   * embedding, head and copies of the weights.
   */
  BF16,
  /**
   * As BF16, but operands of all three products in E4M3, with one scale for 128 values of an
   * activation and for 128 x 128 weights (arXiv 2412.19437, section 3.3): multiplied by tensor
   * cores where {@link ScaledProducts} work, else emulated, which is to round operands as FP8
   * hardware would have them and multiply in float32.
   */
  FP8,
  /**
   * As F32, but the products of CUDA's tensor cores round operands to ten bits of fraction. On a
   * processor it is F32.
   */
  TF32;

  /** Its name in requests. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The precision of that name.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public static Precision of(String key) {
    return Arrays.stream(values())
        .filter(precision -> precision.key().equals(key))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "precision must be one of %s; it is '%s'"
                    .formatted(
                        Arrays.stream(values())
                            .map(Precision::key)
                            .collect(Collectors.joining(", ")),
                        key)));
  }

  /** How the optimizer's moments are stored. */
  public ElementType moments() {
    return switch (this) {
      case F32, TF32 -> ElementType.F32;
      case BF16, FP8 -> ElementType.BF16;
    };
  }

  /** Whether a GPU with tensor cores for it takes copies of the weights in this format. */
  public boolean copiesWeights() {
    return this == BF16;
  }

  /** How a model of this shape is computed on a device while it is trained. */
  Products products(TensorEngine engine, LanguageConfig config) {
    return switch (this) {
      case F32 -> Products.F32;
      case BF16 -> TensorCores.bf16(engine, config);
      case TF32 -> TensorCores.tf32(engine);
      case FP8 -> ScaledProducts.work(engine) ? Products.FP8_TENSOR_CORES : Products.FP8_EMULATED;
    };
  }

  /**
   * Checks that models of this shape can be trained so.
   *
   * @throws IllegalArgumentException naming the keys of config.json that stand in the way
   */
  public void requireCovers(LanguageConfig config) {
    List<String> obstacles = new DecoderLayout(config).outsideFusedStep();
    if (this == FP8 && !obstacles.isEmpty()) {
      throw new IllegalArgumentException(
          "this model cannot be trained in %s, because of %s; train it in f32 or bf16, or change that"
              .formatted(key(), String.join(" and ", obstacles)));
    }
  }
}
