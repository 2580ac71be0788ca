package io.millrace.tensor.engine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The memory that libtorch takes outside of the heap. */
public final class NativeMemory {
  private static final Logger LOG = LoggerFactory.getLogger(NativeMemory.class);

  /** Of GNU's C library; others have none, and some need none. */
  private static final Optional<MethodHandle> TRIM =
      Linker.nativeLinker()
          .defaultLookup()
          .find("malloc_trim")
          .map(address ->
              Linker.nativeLinker()
                  .downcallHandle(
                      address, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));

  private NativeMemory() {}

  /**
   * Gives freed memory back to the system, of which the C library keeps much for itself: a model's
   * weights are freed at once, but their places lie between others.
   *
   * @return whether there was some to give back
   */
  public static boolean giveBack() {
    if (TRIM.isEmpty()) {
      return false;
    }
    try {
      return (int) TRIM.get().invokeExact(0L) != 0;
    } catch (Throwable e) {
      LOG.warn("cannot give memory back to the system", e);
      return false;
    }
  }
}
