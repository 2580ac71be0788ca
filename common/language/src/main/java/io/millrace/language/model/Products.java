package io.millrace.language.model;

import io.millrace.tensor.kernel.KernelSource;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a decoder computes while it is trained: a choice of kernel files, all of which define the
 * same functions. {@link TensorCores} chooses for a device.
 */
public enum Products {
  /** In float32. */
  F32(Step.FLOAT32, "rows.py", "known_sizes.py", "products.py", "by_operand.py", "f32.py"),
  /** The same, whose products may round operands to TF32 on CUDA. */
  TF32(Step.FLOAT32, "rows.py", "known_sizes.py", "products.py", "by_operand.py", "f32.py"),
  /** Of operands in bfloat16; all else in float32. */
  BF16(
      Step.FLOAT32,
      "rows.py",
      "known_sizes.py",
      "products.py",
      "by_operand.py",
      "rounded.py",
      "bf16.py"),
  /**
   * On bfloat16 tensors: weights, which are copies of the masters, activations and their gradients.
   * Norms, routers, softmax and losses are float32 inside, and gradients of weights are added up in
   * it (arXiv 2412.19437, section 3.3).
   */
  BF16_TENSORS(Step.BFLOAT16, "rows.py", "filled_sizes.py", "bf16_tensors.py", "bf16_by_expert.py"),
  /** The same with operations that newer libtorch has. */
  BF16_TENSORS_NEWER(Step.BFLOAT16_NEWER, "rows.py", "bf16_tensors.py", "bf16_grouped.py"),
  /** Of operands in E4M3, which are rounded to it and multiplied in float32. */
  FP8_EMULATED(
      Step.FLOAT32,
      "rows.py",
      "known_sizes.py",
      "products.py",
      "by_operand.py",
      "rounded.py",
      "tiles.py",
      "fp8.py"),
  /** Of operands in E4M3 by tensor cores, where {@link ScaledProducts} work. */
  FP8_TENSOR_CORES(
      Step.FLOAT32,
      "rows.py",
      "known_sizes.py",
      "products.py",
      "rounded.py",
      "tiles.py",
      "fp8_tensor_cores.py");

  /** What a training step is made of beside its products. */
  private enum Step {
    FLOAT32("norms.py", "rotations.py", "attended_runs.py", "head_step.py"),
    BFLOAT16("bf16/norms.py", "bf16/rotations.py", "bf16/attended_spans.py", "bf16/head_step.py"),
    BFLOAT16_NEWER(
        "bf16/fused_norms.py", "bf16/rotations.py", "bf16/attended_spans.py", "bf16/head_step.py");

    private final List<String> files;

    Step(String... files) {
      this.files = List.of(files);
    }
  }

  private final Step step;
  private final List<String> files;

  Products(Step step, String... files) {
    this.step = step;
    this.files = List.of(files);
  }

  /** The files of the products alone. */
  List<KernelSource> sources() {
    return files.stream().map(file -> KernelSource.of(Products.class, "products/" + file)).toList();
  }

  /** The files of the products and of what else of a training step depends on this choice. */
  List<KernelSource> stepSources() {
    Stream<KernelSource> others =
        step.files.stream().map(file -> KernelSource.of(Products.class, "step/" + file));
    return Stream.concat(sources().stream(), others).toList();
  }

  /** Whether float32 products may use TF32. */
  boolean allowsTf32() {
    return this == TF32;
  }

  /** Whether operands of products are rounded, which the hand-written step alone does. */
  boolean roundsOperands() {
    return switch (this) {
      case F32, TF32, BF16_TENSORS, BF16_TENSORS_NEWER -> false;
      case BF16, FP8_EMULATED, FP8_TENSOR_CORES -> true;
    };
  }

  /** Whether kernels take bfloat16 copies of the weights, see {@link RoundedWeights}. */
  boolean takesRoundedWeights() {
    return step != Step.FLOAT32;
  }
}
