package io.millrace.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.optimizer.AdamW;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class DeviceProgramTest {

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void refusesAProcessor() {
    assertThatThrownBy(() -> DeviceProgram.shared(engine, AdamW.class, "adamw.cu"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("cpu() is no CUDA device");
  }

  @Test
  void knowsWhereTensorsAre() {
    try (NDManager manager = engine.newManager()) {
      PtNDArray tensor = (PtNDArray) manager.create(new float[] {3, 1, 4, 1, 5});
      MemorySegment values = new TensorPointers().of(tensor).reinterpret(5 * Float.BYTES);
      assertThat(values.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(3, 1, 4, 1, 5);
    }
  }
}
