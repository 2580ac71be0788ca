package io.millrace.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KernelsTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels =
      Kernels.compile(engine, KernelSource.of(KernelsTest.class, "sample.py"));
  private NDManager manager;

  @BeforeEach
  void open() {
    manager = engine.newManager();
  }

  @AfterEach
  void close() {
    manager.close();
    kernels.close();
  }

  @Test
  void callsAFunctionThroughItsHelper() {
    NDArray x = manager.create(new float[] {0f, 1f});
    NDArray w = manager.create(new float[] {2f, 3f});
    float[] y = kernels.run(manager, "gated", x, w).singletonOrThrow().toFloatArray();
    assertThat(y[0]).isZero();
    assertThat(y[1]).isCloseTo(3f / (1f + (float) Math.exp(-1)), within(1e-6f));
  }

  @Test
  void takesGradientsInsideAFunction() {
    NDArray x = manager.create(new float[] {0.5f, -1f});
    NDArray w = manager.create(new float[] {2f, 3f});
    NDList result = kernels.runRecording(manager, "gated_gradients", x, w);
    double sigmoid = 1 / (1 + Math.exp(-0.5));
    double expected = 2 * (sigmoid + 0.5 * sigmoid * (1 - sigmoid));
    assertThat(result).hasSize(3);
    assertThat(result.get(1).getFloat(0)).isCloseTo((float) expected, within(1e-6f));
  }

  @Test
  void passesListsAndNumbers() {
    NDList xs = new NDList(manager.ones(new Shape(2)), manager.ones(new Shape(2)).mul(2));
    float[] y =
        kernels
            .run(manager, "scaled_sum", xs, 0.5, 3, true, new long[] {2})
            .singletonOrThrow()
            .toFloatArray();
    assertThat(y).containsExactly(-4.5f, -4.5f);
  }

  @Test
  void makesARecordedCallAgainWithWhatItsArgumentsHoldThen() {
    NDArray x = manager.create(new float[] {1f, 2f});
    NDArray y = manager.zeros(new Shape(2));
    assertThat(RecordedCall.works(engine)).isTrue();
    try (RecordedCall recorded = kernels.record("doubled_", x, y)) {
      assertThat(y.toFloatArray()).as("it was made once").containsExactly(2f, 4f);
      x.muli(3);
      recorded.again();
      assertThat(y.toFloatArray()).containsExactly(6f, 12f);
    }
  }

  @Test
  void namesTheBrokenPlaceOfAKernelFile() {
    KernelSource broken =
        new KernelSource(
            "broken.py", "def f(x: Tensor) -> Tensor:\n    return torch.nonsense(x)\n");
    assertThatThrownBy(() -> Kernels.compile(engine, broken))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("torch.nonsense");
  }

  @Test
  void namesAFunctionThatIsNotThereAndArgumentsThatDoNotFit() {
    NDArray x = manager.create(new float[] {1f});
    assertThatThrownBy(() -> kernels.run(manager, "gatd", x, x)).hasMessageContaining("gatd");
    assertThatThrownBy(() -> kernels.run(manager, "gated", x)).hasMessageContaining("gated");
    assertThatThrownBy(() -> kernels.run(manager, "gated", x, 3)).hasMessageContaining("gated");
    assertThatThrownBy(() -> kernels.run(manager, "gated", x, "text"))
        .hasMessageContaining("java.lang.String");
    // Helpers stay inside.
    assertThatThrownBy(() -> kernels.run(manager, "_gated", x, x)).hasMessageContaining("_gated");
  }

  @Test
  void sharedKernelsStayWhenOneUserClosesThem() {
    Kernels shared = Kernels.shared(engine, KernelsTest.class, "sample.py");
    shared.close();
    NDArray x = manager.create(new float[] {0f});
    assertThat(Kernels.shared(engine, KernelsTest.class, "sample.py")).isSameAs(shared);
    assertThat(shared.run(manager, "gated", x, x).get(0).getFloat(0)).isZero();
  }

  @Test
  void refusesAFunctionThatTwoFilesDefine() {
    KernelSource one = new KernelSource("one.py", "def f(x: Tensor) -> Tensor:\n    return x\n");
    KernelSource two = new KernelSource("two.py", "def f(x: Tensor) -> Tensor:\n    return -x\n");
    assertThatThrownBy(() -> Kernels.compile(engine, one, two))
        .hasMessage("kernel function f is defined twice, again in two.py");
    assertThatThrownBy(() -> KernelSource.of(KernelsTest.class, "none.py"))
        .hasMessageContaining("none.py beside io.millrace.tensor.kernel.KernelsTest");
  }
}
