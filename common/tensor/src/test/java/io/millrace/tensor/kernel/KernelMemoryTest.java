package io.millrace.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Many calls must neither keep tensors nor fill managers. */
@EnabledOnOs(OS.LINUX)
class KernelMemoryTest {

  private static final int CALLS = 3000;

  /** Less than the tensors of one kind, more than the heap of Java may grow meanwhile. */
  private static final long LIMIT = 256L << 20;

  /** 256 KiB: the tensors of one kind that all calls make are 750 MiB together. */
  private static final Shape SHAPE = new Shape(1 << 16);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels =
      Kernels.compile(engine, KernelSource.of(KernelsTest.class, "sample.py"));

  @Test
  void callsKeepNothing() throws IOException {
    try (NDManager model = engine.newManager()) {
      NDArray weight = model.ones(SHAPE);
      long managed = model.getManagedArrays().size();
      callMany(model, weight, 200);
      long before = residentBytes();
      callMany(model, weight, CALLS);
      assertThat(residentBytes() - before).isLessThan(LIMIT);
      assertThat(model.getManagedArrays()).hasSize((int) managed);
    }
  }

  @Test
  void callsThatFailKeepNothing() throws IOException {
    try (NDManager model = engine.newManager()) {
      NDArray weight = model.ones(SHAPE);
      failMany(model, weight, 200);
      long before = residentBytes();
      failMany(model, weight, CALLS);
      assertThat(residentBytes() - before).isLessThan(LIMIT);
    }
  }

  private void callMany(NDManager model, NDArray weight, int calls) {
    for (int i = 0; i < calls; i++) {
      try (NDManager step = model.newSubManager()) {
        NDArray x = step.zeros(SHAPE);
        kernels.runRecording(step, "gated_gradients", x, weight);
        kernels.run(step, "scaled_sum", new NDList(x, weight), 0.5, 1, false, SHAPE.getShape());
      }
    }
  }

  private void failMany(NDManager model, NDArray weight, int calls) {
    for (int i = 0; i < calls; i++) {
      try (NDManager step = model.newSubManager()) {
        NDArray longer = step.zeros(new Shape(SHAPE.size() + 1));
        assertThatThrownBy(() -> kernels.runRecording(step, "gated_gradients", longer, weight))
            .hasMessageContaining("must match");
      }
    }
  }

  private static long residentBytes() throws IOException {
    String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
    return Long.parseLong(pages) * 4096;
  }
}
