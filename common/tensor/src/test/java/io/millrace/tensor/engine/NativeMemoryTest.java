package io.millrace.tensor.engine;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class NativeMemoryTest {

  /** Whether there is something depends on what else this process has done. */
  @Test
  void givesBackWhateverThereIs() {
    assertThatCode(
            () -> {
              NativeMemory.giveBack();
              NativeMemory.giveBack();
            })
        .doesNotThrowAnyException();
  }
}
