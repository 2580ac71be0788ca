package io.millrace.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** NamedTuples of kernel files, filled by Java. */
class KernelTupleTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels = Kernels.shared(engine, KernelsTest.class, "sample.py");
  private final NDManager manager = engine.newManager();
  private final NDArray base = manager.create(new float[] {1, 2});
  private final NDList tensors =
      new NDList(
          manager.create(new float[] {10, 20}), base, manager.create(new float[] {0.25f, 0.0625f}));

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void hasNumbersTensorsAndOtherTuplesByName() {
    try (KernelValue value = kernels.make(sample(), tensors)) {
      NDArray found = kernels.run(manager, "by_steps", value).singletonOrThrow();
      assertThat(found.getShape()).isEqualTo(new Shape(2, 1));
      // Twice times 3, then times 2 plus the first tensor; times 0.5; plus a square and a root.
      assertThat(found.toDoubleArray())
          .containsExactly(
              -((1 * 9 * 2 + 10) * 0.5 + 1 + Math.sqrt(0.25)),
              -((2 * 9 * 2 + 20) * 0.5 + 4 + Math.sqrt(0.0625)));
    }
  }

  @Test
  void seesWhatIsWrittenToItsTensors() {
    try (KernelValue value = kernels.make(sample(), tensors)) {
      double before = kernels.run(manager, "by_steps", value).singletonOrThrow().getDouble(0);
      base.addi(1);
      assertThat(kernels.run(manager, "by_steps", value).singletonOrThrow().getDouble(0))
          .isEqualTo(before - 9 - 3);
      assertThat(kernels.runForReading(manager, "by_steps", value).singletonOrThrow().getDouble(0))
          .isEqualTo(before - 9 - 3);
    }
  }

  @Test
  void letsARecordingFunctionTakeGradients() {
    try (KernelValue learned = kernels.makeLearned(sample(), tensors)) {
      NDArray found = kernels.runRecording(manager, "base_gradient", learned).singletonOrThrow();
      // Through the steps 9 * 2 * 0.5, through the square 2 * base; negated.
      assertThat(found.toFloatArray()).containsExactly(-(9 + 2), -(9 + 4));
      assertThat(kernels.run(manager, "by_steps", learned).singletonOrThrow().getDouble(0))
          .isEqualTo(-15.5);
    }
    try (KernelValue plain = kernels.make(sample(), tensors)) {
      assertThatThrownBy(() -> kernels.runRecording(manager, "base_gradient", plain))
          .hasMessageContaining("grad");
    }
  }

  @Test
  void keepsWhatAFunctionReturns() {
    KernelSource counting =
        new KernelSource(
            "counting.py",
            """
            class Sum(NamedTuple):
                total: Tensor
                terms: int


            def plus(sum: Sum, x: Tensor) -> Sum:
                return Sum(sum.total + x, sum.terms + 1)


            def mean(sum: Sum) -> Tensor:
                return sum.total / sum.terms
            """);
    KernelTuple none = new KernelTuple("Sum").tensor("total", 0).number("terms", 0);
    try (Kernels summing = Kernels.compile(engine, counting);
        KernelValue first = summing.make(none, new NDList(base));
        KernelValue second = summing.keep("plus", first, manager.create(new float[] {6, 10}));
        KernelValue third = summing.keep("plus", second, manager.create(new float[] {1, 0}))) {
      assertThat(summing.run(manager, "mean", second).singletonOrThrow().toFloatArray())
          .containsExactly(7, 12);
      assertThat(summing.run(manager, "mean", third).singletonOrThrow().toFloatArray())
          .containsExactly(4, 6);
      assertThatThrownBy(() -> summing.keep("mean", third)).hasMessageContaining("keep_mean");
    }
  }

  /** The memory of a Java buffer is used for something else once its tensor is closed. */
  @Test
  void keepsItsOwnCopyOfWhatJavaMade() {
    KernelSource holding =
        new KernelSource(
            "holding.py",
            """
            class Held(NamedTuple):
                values: Tensor


            def held(values: Tensor) -> Held:
                return Held(values)


            def values_of(some: Held) -> Tensor:
                return some.values + 0.0
            """);
    ByteBuffer buffer = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    buffer.putFloat(3).putFloat(4).flip();
    try (Kernels kernels = Kernels.compile(engine, holding);
        NDArray made = manager.create(buffer, new Shape(2), DataType.FLOAT32);
        KernelValue kept = kernels.keep("held", made)) {
      made.close();
      buffer.putFloat(0, -2).putFloat(4, -2);
      assertThat(kernels.run(manager, "values_of", kept).singletonOrThrow().toFloatArray())
          .containsExactly(3, 4);
    }
  }

  @Test
  void namesWhatDoesNotFit() {
    requireRefused(
        new KernelTuple("Scale").tensor("offset_D", 0),
        "Scale.factor is a float; it was given nothing");
    requireRefused(scale(2).real("slope", 1), "NamedTuple Scale has no field slope");
    requireRefused(
        new KernelTuple("Scale").number("factor", 1), "Scale.factor is a float; it was given Ints");
    requireRefused(
        new KernelTuple("Scale").reals("factor", 1),
        "Scale.factor is a float; it was given Floats");
    requireRefused(
        new KernelTuple("Step").part("scale", step(1)).number("times", 1),
        "a NamedTuple Step is not a Scale of these kernels");
    requireRefused(new KernelTuple("Kept"), "Kept.pair is a Tuple[Tensor, Tensor]");
    requireRefused(new KernelTuple("Nobody"), "a NamedTuple Nobody is not");
    assertThatThrownBy(() -> scale(1).real("factor", 2)).hasMessage("Scale.factor is given twice");
  }

  @Test
  void refusesATypeThatTwoFilesDeclare() {
    KernelSource one = new KernelSource("one.py", "class A(NamedTuple):\n    x: Tensor\n");
    KernelSource two = new KernelSource("two.py", "class A(NamedTuple):\n    y: int\n");
    assertThatThrownBy(() -> Kernels.compile(engine, one, two))
        .hasMessage("NamedTuple A is declared twice, again in two.py");
  }

  @Test
  void numberFormatsHaveNames() {
    NDArray x = manager.ones(new Shape(1, 3, 2, 2));
    NDArray found = kernels.run(manager, "as_channels_last", x).singletonOrThrow();
    assertThat(found.getDataType()).isEqualTo(DataType.FLOAT64);
  }

  private void requireRefused(KernelTuple tuple, String message) {
    assertThatThrownBy(() -> kernels.make(tuple, tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static KernelTuple scale(double factor) {
    return new KernelTuple("Scale").real("factor", factor);
  }

  private static KernelTuple step(double factor) {
    return new KernelTuple("Step").part("scale", scale(factor)).number("times", 1);
  }

  private static KernelTuple sample() {
    KernelTuple first =
        new KernelTuple("Step")
            .part("scale", scale(3))
            .number("times", 2)
            .part("last", scale(2).tensor("offset_D", 0));
    return new KernelTuple("Sample")
        .parts("steps", List.of(first, step(0.5)))
        .tensors("weights", List.of(1, 2))
        .numbers("shape", List.of(2, 1))
        .reals("powers", 2, 0.5)
        .tensor("base_D", 1)
        .flag("negated", true);
  }
}
