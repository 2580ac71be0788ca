package io.millrace.tensor.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;
import java.util.Optional;

/** Calls of native functions that DJL does not make. */
final class NativeCalls {

  private NativeCalls() {}

  /** A call that gives something. */
  interface Call<T> {
    T get() throws Throwable;
  }

  /** A call that gives nothing. */
  interface VoidCall {
    void run() throws Throwable;
  }

  /** The function of that name, if there is one. */
  static Optional<MethodHandle> find(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return library
        .find(name)
        .map(address -> Linker.nativeLinker().downcallHandle(address, descriptor));
  }

  /**
   * The function of that name.
   *
   * @throws NoSuchElementException if there is none
   */
  static MethodHandle get(SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return find(library, name, descriptor).orElseThrow(() -> new NoSuchElementException(name));
  }

  /** Of functions that answer with a number, 0 where nothing failed. */
  static FunctionDescriptor ofInt(MemoryLayout... arguments) {
    return FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments);
  }

  static void invoke(VoidCall call) {
    try {
      call.run();
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static <T> T call(Call<T> call) {
    try {
      return call.get();
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private static IllegalStateException failed(Throwable cause) {
    return new IllegalStateException("a native library cannot be called", cause);
  }
}
