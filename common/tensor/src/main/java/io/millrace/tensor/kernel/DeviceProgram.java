package io.millrace.tensor.kernel;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.LibUtils;
import io.millrace.tensor.engine.TensorEngine;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Functions in CUDA C, compiled for a CUDA device by the compiler that comes with libtorch: for
 * what libtorch has no operation for, and several of them would go over memory too often.
 *
 * <p>Safe for use by several threads.
 */
public final class DeviceProgram {

  private static final AddressLayout POINTER = ValueLayout.ADDRESS;

  /** Threads of a block. */
  private static final int BLOCK = 256;

  private record Key(TensorEngine engine, KernelSource source) {}

  private static final Map<Key, DeviceProgram> SHARED = new ConcurrentHashMap<>();

  private final CudaDriver driver;
  private final CudaFunctions cuda;
  private final TensorPointers pointers;
  private final int device;
  private final MemorySegment context;
  private final MemorySegment module;
  private final Map<String, MemorySegment> functions = new ConcurrentHashMap<>();

  private DeviceProgram(TensorEngine engine, KernelSource source) {
    driver = new CudaDriver();
    cuda = new CudaFunctions();
    pointers = new TensorPointers();
    device = engine.device().getDeviceId();
    context = driver.context(device);
    byte[] code =
        new CudaCompiler(Path.of(LibUtils.getLibtorchPath()))
            .compile(source, driver.capability(device));
    module = driver.within(context, () -> driver.load(code));
  }

  /**
   * The program of the file that lies beside {@code owner}, compiled once per engine and kept until
   * the process ends.
   *
   * @throws IllegalStateException if the device is no CUDA device, this libtorch has no compiler
   *     for it, or the compiler refuses the source
   */
  public static DeviceProgram shared(TensorEngine engine, Class<?> owner, String fileName) {
    if (!engine.device().isGpu()) {
      throw new IllegalStateException(engine.device() + " is no CUDA device");
    }
    KernelSource source = KernelSource.of(owner, fileName);
    return SHARED.computeIfAbsent(new Key(engine, source), key -> compile(engine, source));
  }

  private static DeviceProgram compile(TensorEngine engine, KernelSource source) {
    try {
      return PlatformThreads.call(() -> new DeviceProgram(engine, source));
    } catch (NoSuchElementException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "%s cannot be compiled for %s: %s"
              .formatted(source.name(), engine.device(), e.getMessage()),
          e);
    }
  }

  /**
   * Starts a function on the device's usual stream, after what was started before; does not wait
   * for it. The function checks nothing: its arguments must be what it takes.
   *
   * @param threads how many it needs at least; they are started in blocks of 256
   * @param arguments contiguous tensors of this device ({@code T *}), {@code long} ({@code long
   *     long}) or {@code float}
   */
  public void start(String function, long threads, Object... arguments) {
    int blocks = Math.toIntExact(Math.ceilDiv(threads, BLOCK));
    PlatformThreads.call(() -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment values = values(arena, arguments);
        MemorySegment stream = cuda.raw(cuda.currentStream(arena, device));
        return driver.within(
            context,
            () -> {
              MemorySegment code =
                  functions.computeIfAbsent(function, name -> driver.function(module, name));
              driver.launch(code, blocks, BLOCK, stream, values);
              return true;
            });
      }
    });
  }

  private MemorySegment values(Arena arena, Object[] arguments) {
    MemorySegment values = arena.allocate(POINTER, arguments.length);
    for (int i = 0; i < arguments.length; i++) {
      values.setAtIndex(POINTER, i, value(arena, arguments[i]));
    }
    return values;
  }

  private MemorySegment value(Arena arena, Object argument) {
    return switch (argument) {
      case PtNDArray tensor -> arena.allocateFrom(POINTER, pointers.of(tensor));
      case Long number -> arena.allocateFrom(ValueLayout.JAVA_LONG, number);
      case Float number -> arena.allocateFrom(ValueLayout.JAVA_FLOAT, number);
      default ->
          throw new IllegalArgumentException(
              "a device program cannot take an argument of " + argument.getClass().getName());
    };
  }
}
