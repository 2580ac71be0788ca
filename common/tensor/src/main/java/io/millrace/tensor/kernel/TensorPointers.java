package io.millrace.tensor.kernel;

import static io.millrace.tensor.kernel.NativeCalls.call;
import static io.millrace.tensor.kernel.NativeCalls.ofInt;

import ai.djl.pytorch.engine.PtNDArray;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;

/** Where the values of tensors are, which DJL does not say. */
final class TensorPointers {

  private static final AddressLayout POINTER = ValueLayout.ADDRESS;

  private final MethodHandle dataPointer;

  /**
   * Of the libtorch that is loaded, by its interface in C.
   *
   * @throws NoSuchElementException if it does not tell
   */
  TensorPointers() {
    dataPointer =
        NativeCalls.get(
            SymbolLookup.loaderLookup(), "aoti_torch_get_data_ptr", ofInt(POINTER, POINTER));
  }

  /** The address of a tensor's first value on its device, valid while the tensor is. */
  MemorySegment of(PtNDArray tensor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocate(POINTER);
      MemorySegment handle = MemorySegment.ofAddress(tensor.getHandle());
      int error = call(() -> (int) dataPointer.invokeExact(handle, place));
      if (error != 0) {
        throw new IllegalStateException("libtorch does not say where a tensor is");
      }
      return place.get(POINTER, 0);
    }
  }
}
