package io.millrace.tensor.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchPartsTest {

  private static final KernelSource ADDING =
      new KernelSource(
          "adding.py",
          """
          def add(gradients: List[Tensor], value: float) -> Tensor:
              for gradient in gradients:
                  gradient.add_(value)
              return torch.full([2], value)
          """);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels = Kernels.shared(engine, List.of(ADDING));
  private final NDManager manager = engine.newManager();
  private final ParameterStore weights =
      ParameterStore.create(
          engine,
          List.of(
              new ParameterSpec("w", new Shape(3), new Initializer.Zeros(), ParameterGroup.DECAY),
              new ParameterSpec(
                  "b", new Shape(1), new Initializer.Zeros(), ParameterGroup.NO_DECAY)),
          1);
  private final FlatTensors gradients = weights.newLearnedZeros();
  private final BatchParts together = new BatchParts(engine, weights);

  @AfterEach
  void close() {
    together.close();
    gradients.close();
    weights.close();
    manager.close();
  }

  private BatchParts.Part adding(double value) {
    return (results, own) -> kernels.run(results, "add", own.tensors(), value);
  }

  @Test
  void addsUpWhatPartsFind() {
    List<BatchParts.Part> parts = List.of(adding(1), adding(2), adding(4));
    for (int times = 1; times <= 2; times++) {
      assertThat(together.add(manager, gradients, parts).singletonOrThrow().toFloatArray())
          .containsExactly(7, 7);
      assertThat(gradients.get("w").toFloatArray()).containsOnly(7 * times);
      assertThat(gradients.get("b").toFloatArray()).containsExactly(7 * times);
    }
    assertThat(together.add(manager, gradients, List.of(adding(3))).get(0).toFloatArray())
        .containsExactly(3, 3);
    assertThat(gradients.get("w").toFloatArray()).containsOnly(17);
  }

  /** Each waits for the other, which it could not if they ran one after the other. */
  @Test
  void partsRunSideBySideWithOneProcessorThreadEach() {
    CyclicBarrier both = new CyclicBarrier(2);
    Queue<Integer> threads = new ConcurrentLinkedQueue<>();
    BatchParts.Part meeting =
        (results, own) -> {
          threads.add(TensorEngine.threads());
          meet(both);
          return kernels.run(results, "add", own.tensors(), 1.0);
        };
    together.add(manager, gradients, List.of(meeting, meeting));
    assertThat(threads).containsExactly(1, 1);
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void saysWhatFailedWhenAllAreDone() {
    List<BatchParts.Part> parts = new ArrayList<>();
    parts.add(adding(5));
    parts.add((results, own) -> {
      throw new IllegalArgumentException("no picture");
    });
    parts.add((results, own) -> {
      throw new IllegalStateException("second");
    });
    assertThatThrownBy(() -> together.add(manager, gradients, parts)).hasMessage("no picture");
    assertThat(gradients.get("w").toFloatArray()).containsOnly(5);
    assertThat(together.add(manager, gradients, List.of(adding(1), adding(1))).size()).isOne();
  }

  @Test
  void thereIsAPartForEachProcessorThread() {
    int before = TensorEngine.threads();
    try {
      TensorEngine.enterThread(3);
      assertThat(BatchParts.count(engine, 8)).isEqualTo(3);
      assertThat(BatchParts.count(engine, 2)).isEqualTo(2);
      TensorEngine.enterThread(1);
      assertThat(BatchParts.count(engine, 8)).isEqualTo(1);
    } finally {
      TensorEngine.enterThread(before);
    }
  }
}
