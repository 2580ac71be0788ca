package io.millrace.language.model;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;

/**
 * With which kernels a device trains in bfloat16 and in TF32. The only place that asks: what is not
 * there is found out by trying it, once a trainer.
 */
public final class TensorCores {

  /** The widest head that libtorch's flash kernel takes. */
  private static final int WIDEST = 256;

  private static final String ATTENTION = "trial/flash_attention.py";
  private static final String NORMS = "trial/fused_norms.py";
  private static final String GROUPED = "trial/grouped_products.py";

  /** Values of bfloat16 to which operations on whole groups want rows to be filled: 16 bytes. */
  private static final int ALIGNED = 8;

  /** Relative distance of results that are rounded to bfloat16 once or twice. */
  private static final float MOST = 0.02f;

  private TensorCores() {}

  /**
   * bfloat16, for models of this shape. What is not written by hand is computed on bfloat16 tensors
   * everywhere, by autograd, which has no operands to round.
   */
  public static Products bf16(TensorEngine engine, LanguageConfig config) {
    if (!new DecoderLayout(config).isCoveredByFusedStep()) {
      return Products.BF16_TENSORS;
    }
    boolean fits =
        config.qkNopeHeadDim() + config.qkRopeHeadDim() <= WIDEST && config.vHeadDim() <= WIDEST;
    if (!fits || !works(engine, ATTENTION)) {
      return Products.BF16;
    }
    boolean newer = isAligned(config) && works(engine, NORMS) && works(engine, GROUPED);
    return newer ? Products.BF16_TENSORS_NEWER : Products.BF16_TENSORS;
  }

  /**
   * TF32, for any shape. A processor computes in float32, which TF32 is allowed to be less than.
   */
  public static Products tf32(TensorEngine engine) {
    return engine.device().isGpu() ? Products.TF32 : Products.F32;
  }

  /** By which means sequences are continued. */
  static SequenceKernels.Means decoding(TensorEngine engine) {
    if (!engine.device().isGpu()) {
      return SequenceKernels.Means.PROCESSOR;
    }
    return works(engine, ATTENTION)
        ? SequenceKernels.Means.TENSOR_CORES
        : SequenceKernels.Means.DEVICE;
  }

  private static boolean isAligned(LanguageConfig config) {
    return config.hiddenSize() % ALIGNED == 0 && config.moeIntermediateSize() % ALIGNED == 0;
  }

  /**
   * Whether this libtorch has the operations of a trial, and has them for the device.
   *
   * @param file its kernel {@code trial} returns how far they are from what is right
   */
  static boolean works(TensorEngine engine, String file) {
    try (NDManager scratch = engine.newManager()) {
      NDArray like = scratch.ones(new Shape(8, 2, 8));
      Kernels kernels = Kernels.shared(engine, TensorCores.class, file);
      // Not "less": a distance may be no number.
      return kernels.run(scratch, "trial", like).singletonOrThrow().getFloat() <= MOST;
    } catch (EngineException | IllegalArgumentException e) {
      // How libtorch says that it has no such operation: at a call, and when it compiles one.
      return false;
    }
  }
}
