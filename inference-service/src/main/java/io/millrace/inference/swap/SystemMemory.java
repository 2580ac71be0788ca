package io.millrace.inference.swap;

import io.millrace.tensor.engine.NativeMemory;
import org.springframework.stereotype.Component;

/** The memory of this process. */
@Component
final class SystemMemory implements FreedMemory {
  @Override
  public void giveBack() {
    NativeMemory.giveBack();
  }
}
