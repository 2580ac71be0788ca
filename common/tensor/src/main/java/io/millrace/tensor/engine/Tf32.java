package io.millrace.tensor.engine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;

/**
 * Whether products of float32 matrices may round their operands to TF32 (ten bits of fraction),
 * which CUDA's tensor cores multiply several times as fast. Processors never do.
 *
 * <p>libtorch has one switch for the whole process. So calls that allow it and calls that do not
 * take turns: those of one kind overlap, those of the other wait until they have ended. A call
 * lasts until its work is handed to the device.
 */
public final class Tf32 {

  private static final Object MONITOR = new Object();
  private static int running;
  private static boolean now;

  private Tf32() {}

  /** The switch in libtorch: at::globalContext() and two methods of at::Context. */
  private static final class Switch {

    static final MethodHandle SET;
    static final MethodHandle GET;
    static final MemorySegment CONTEXT;

    static {
      try {
        SymbolLookup libtorch = SymbolLookup.loaderLookup();
        Linker linker = Linker.nativeLinker();
        CONTEXT =
            (MemorySegment)
                linker
                    .downcallHandle(
                        libtorch.findOrThrow("_ZN2at13globalContextEv"),
                        FunctionDescriptor.of(ValueLayout.ADDRESS))
                    .invokeExact();
        SET =
            linker.downcallHandle(
                libtorch.findOrThrow("_ZN2at7Context18setAllowTF32CuBLASEb"),
                FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_BOOLEAN));
        GET =
            linker.downcallHandle(
                libtorch.findOrThrow("_ZNK2at7Context15allowTF32CuBLASEv"),
                FunctionDescriptor.of(ValueLayout.JAVA_BOOLEAN, ValueLayout.ADDRESS));
      } catch (NoSuchElementException e) {
        throw new IllegalStateException(
            "the libtorch that is loaded has no switch for TF32; train in f32 or bf16", e);
      } catch (Throwable e) {
        throw new IllegalStateException("cannot ask libtorch for its switch for TF32", e);
      }
    }

    private Switch() {}

    static void set(boolean allowed) {
      try {
        SET.invokeExact(CONTEXT, allowed);
      } catch (Throwable e) {
        throw new IllegalStateException("cannot switch TF32", e);
      }
    }

    static boolean get() {
      try {
        return (boolean) GET.invokeExact(CONTEXT);
      } catch (Throwable e) {
        throw new IllegalStateException("cannot ask whether TF32 is allowed", e);
      }
    }
  }

  /**
   * Begins a call, when those of the other kind have ended; {@link #end} must follow.
   *
   * @throws IllegalStateException if it would have to switch, and libtorch has no switch
   */
  public static void begin(boolean allowed) {
    boolean interrupted = false;
    synchronized (MONITOR) {
      while (running > 0 && now != allowed) {
        try {
          MONITOR.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (now != allowed) {
        Switch.set(allowed);
        now = allowed;
      }
      running++;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends a call that {@link #begin} began. */
  public static void end() {
    synchronized (MONITOR) {
      running--;
      if (running == 0) {
        MONITOR.notifyAll();
      }
    }
  }

  /** What libtorch's switch says; libtorch must be started. */
  static boolean isAllowed() {
    return Switch.get();
  }
}
