package io.millrace.tensor.kernel;

import static io.millrace.tensor.kernel.NativeCalls.call;
import static io.millrace.tensor.kernel.NativeCalls.ofInt;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.Supplier;

/** The functions of CUDA's driver that load code to a device and start it. */
final class CudaDriver {

  /** CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR. */
  private static final int MAJOR = 75;

  private static final int MINOR = 76;

  private static final AddressLayout POINTER = ValueLayout.ADDRESS;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private final MethodHandle getDevice;
  private final MethodHandle getAttribute;
  private final MethodHandle retainContext;
  private final MethodHandle pushContext;
  private final MethodHandle popContext;
  private final MethodHandle load;
  private final MethodHandle getFunction;
  private final MethodHandle launch;

  /**
   * Of the driver that libtorch uses.
   *
   * @throws IllegalArgumentException if there is none
   * @throws java.util.NoSuchElementException if a function is not there
   */
  CudaDriver() {
    SymbolLookup cuda = SymbolLookup.libraryLookup("libcuda.so.1", Arena.global());
    getDevice = NativeCalls.get(cuda, "cuDeviceGet", ofInt(POINTER, INT));
    getAttribute = NativeCalls.get(cuda, "cuDeviceGetAttribute", ofInt(POINTER, INT, INT));
    retainContext = NativeCalls.get(cuda, "cuDevicePrimaryCtxRetain", ofInt(POINTER, INT));
    pushContext = NativeCalls.get(cuda, "cuCtxPushCurrent_v2", ofInt(POINTER));
    popContext = NativeCalls.get(cuda, "cuCtxPopCurrent_v2", ofInt(POINTER));
    load = NativeCalls.get(cuda, "cuModuleLoadData", ofInt(POINTER, POINTER));
    getFunction = NativeCalls.get(cuda, "cuModuleGetFunction", ofInt(POINTER, POINTER, POINTER));
    launch =
        NativeCalls.get(
            cuda,
            "cuLaunchKernel",
            ofInt(POINTER, INT, INT, INT, INT, INT, INT, INT, POINTER, POINTER, POINTER));
  }

  /** What the compiler calls a device's compute capability, as in {@code sm_90}. */
  String capability(int device) {
    return "sm_%d%d".formatted(attribute(device, MAJOR), attribute(device, MINOR));
  }

  private int attribute(int device, int attribute) {
    int handle = handle(device);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocate(INT);
      require(
          call(() -> (int) getAttribute.invokeExact(place, attribute, handle)),
          "cuDeviceGetAttribute");
      return place.get(INT, 0);
    }
  }

  private int handle(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocate(INT);
      require(call(() -> (int) getDevice.invokeExact(place, device)), "cuDeviceGet");
      return place.get(INT, 0);
    }
  }

  /** The context of a device in which libtorch works. */
  MemorySegment context(int device) {
    int handle = handle(device);
    return pointer(
        place -> (int) retainContext.invokeExact(place, handle), "cuDevicePrimaryCtxRetain");
  }

  /** Does something in a context; the thread then goes on in its own. */
  <T> T within(MemorySegment context, Supplier<T> work) {
    require(call(() -> (int) pushContext.invokeExact(context)), "cuCtxPushCurrent");
    try {
      return work.get();
    } finally {
      pointer(place -> (int) popContext.invokeExact(place), "cuCtxPopCurrent");
    }
  }

  /** Loads code into this thread's context. */
  MemorySegment load(byte[] code) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment image = arena.allocateFrom(ValueLayout.JAVA_BYTE, code);
      return pointer(place -> (int) load.invokeExact(place, image), "cuModuleLoadData");
    }
  }

  /** A function of loaded code. */
  MemorySegment function(MemorySegment module, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(name);
      return pointer(
          place -> (int) getFunction.invokeExact(place, module, text),
          "cuModuleGetFunction of " + name);
    }
  }

  /**
   * Starts a function of this thread's context.
   *
   * @param arguments addresses of the arguments' values
   */
  void launch(
      MemorySegment function,
      int blocks,
      int threads,
      MemorySegment stream,
      MemorySegment arguments) {
    MemorySegment none = MemorySegment.NULL;
    require(
        call(() ->
            (int)
                launch.invokeExact(
                    function, blocks, 1, 1, threads, 1, 1, 0, stream, arguments, none)),
        "cuLaunchKernel");
  }

  private interface Question {
    int ask(MemorySegment place) throws Throwable;
  }

  private static MemorySegment pointer(Question question, String what) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocate(POINTER);
      require(call(() -> question.ask(place)), what);
      return place.get(POINTER, 0);
    }
  }

  private static void require(int error, String what) {
    if (error != 0) {
      throw new IllegalStateException("%s: error %d of CUDA's driver".formatted(what, error));
    }
  }
}
