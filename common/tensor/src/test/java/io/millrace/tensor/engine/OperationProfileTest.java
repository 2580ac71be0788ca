package io.millrace.tensor.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class OperationProfileTest {

  @Test
  void countsOperationsOfTheProcessor() throws IOException {
    TensorEngine engine = TensorEngine.start("cpu");
    try (NDManager manager = engine.newManager()) {
      NDArray x = manager.ones(new Shape(8, 8));
      x.add(x);
      OperationProfile one = OperationProfile.of(engine, () -> x.add(x));
      OperationProfile ten =
          OperationProfile.of(
              engine,
              () -> {
                for (int i = 0; i < 10; i++) {
                  x.add(x);
                }
              });
      assertThat(one.operations()).isPositive();
      assertThat(ten.operations()).isEqualTo(10 * one.operations());
      assertThat(ten.deviceSeconds()).isEmpty();
    }
  }

  @Test
  void countsInnermostCallsAndAddsUpWhatKernelsCover() {
    OperationProfile found =
        OperationProfile.read(
            "["
                + event("CPU", 0, 10)
                + event("CPU", 1, 3)
                + event("CPU", 5, 4)
                + event("CPU", 20, 1)
                + event("CUDA", 100, 50)
                + event("CUDA", 120, 40)
                + event("CUDA", 200, 10)
                + "]");
    assertThat(found.operations()).isEqualTo(3);
    assertThat(found.deviceSeconds().orElseThrow()).isCloseTo(70e-6, within(1e-12));
  }

  private static String event(String where, double begin, double length) {
    return """
    {
      "name": "aten::mm",
      "ph": "X",
      "ts": %f,
      "dur": %f,
      "tid": 1,
      "pid": "%s Functions",
      "args": {}
    },
    """
        .formatted(begin, length, where);
  }
}
