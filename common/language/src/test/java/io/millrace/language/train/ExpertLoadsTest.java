package io.millrace.language.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import org.junit.jupiter.api.Test;

class ExpertLoadsTest {

  @Test
  void sharesAreThoseOfALayerAndNothingWhereItHadNoToken() {
    try (NDManager manager = TensorEngine.start("cpu").newManager()) {
      double[][] shares =
          ExpertLoads.shares(manager.create(new float[] {1, 3, 0, 4, 0, 0, 0, 0}, new Shape(2, 4)));
      assertThat(shares).isDeepEqualTo(new double[][] {{0.125, 0.375, 0, 0.5}, {0, 0, 0, 0}});
      assertThat(ExpertLoads.mean(shares)).containsExactly(0.0625, 0.1875, 0, 0.25);
    }
    assertThat(ExpertLoads.mean(new double[0][])).isEmpty();
  }
}
