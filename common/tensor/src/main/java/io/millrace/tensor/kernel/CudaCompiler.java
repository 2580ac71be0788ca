package io.millrace.tensor.kernel;

import static io.millrace.tensor.kernel.NativeCalls.call;
import static io.millrace.tensor.kernel.NativeCalls.ofInt;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;

/** NVRTC, the compiler of CUDA C that libtorch for CUDA brings for kernels of its own. */
final class CudaCompiler {

  /** libtorch's own door to NVRTC, whose name differs from release to release. */
  private static final String LIBRARY = "libcaffe2_nvrtc.so";

  private static final AddressLayout POINTER = ValueLayout.ADDRESS;

  private final MethodHandle create;
  private final MethodHandle compile;
  private final MethodHandle logSize;
  private final MethodHandle log;
  private final MethodHandle codeSize;
  private final MethodHandle code;
  private final MethodHandle destroy;

  /**
   * Of a libtorch.
   *
   * @param libtorch the folder of its libraries
   * @throws IllegalArgumentException if it has no compiler
   * @throws java.util.NoSuchElementException if it has another one
   */
  CudaCompiler(Path libtorch) {
    SymbolLookup nvrtc = SymbolLookup.libraryLookup(libtorch.resolve(LIBRARY), Arena.global());
    create =
        NativeCalls.get(
            nvrtc,
            "nvrtcCreateProgram",
            ofInt(POINTER, POINTER, POINTER, ValueLayout.JAVA_INT, POINTER, POINTER));
    compile =
        NativeCalls.get(
            nvrtc, "nvrtcCompileProgram", ofInt(POINTER, ValueLayout.JAVA_INT, POINTER));
    FunctionDescriptor question = ofInt(POINTER, POINTER);
    logSize = NativeCalls.get(nvrtc, "nvrtcGetProgramLogSize", question);
    log = NativeCalls.get(nvrtc, "nvrtcGetProgramLog", question);
    codeSize = NativeCalls.get(nvrtc, "nvrtcGetCUBINSize", question);
    code = NativeCalls.get(nvrtc, "nvrtcGetCUBIN", question);
    destroy = NativeCalls.get(nvrtc, "nvrtcDestroyProgram", ofInt(POINTER));
  }

  /**
   * Compiles a file for devices of one compute capability.
   *
   * @param capability as in {@code sm_90}
   * @return what the driver loads
   * @throws IllegalStateException with what the compiler says, if it refuses the source
   */
  byte[] compile(KernelSource source, String capability) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocate(POINTER);
      MemorySegment text = arena.allocateFrom(source.text());
      MemorySegment name = arena.allocateFrom(source.name());
      MemorySegment none = MemorySegment.NULL;
      require(call(() -> (int) create.invokeExact(place, text, name, 0, none, none)), source);
      MemorySegment program = place.get(POINTER, 0);
      try {
        return compiled(program, source, capability, arena);
      } finally {
        int unused = call(() -> (int) destroy.invokeExact(place));
      }
    }
  }

  private byte[] compiled(
      MemorySegment program, KernelSource source, String capability, Arena arena) {
    List<String> options = List.of("--gpu-architecture=" + capability, "--std=c++17");
    MemorySegment list = arena.allocate(POINTER, options.size());
    for (int i = 0; i < options.size(); i++) {
      list.setAtIndex(POINTER, i, arena.allocateFrom(options.get(i)));
    }
    int error = call(() -> (int) compile.invokeExact(program, options.size(), list));
    if (error != 0) {
      throw new IllegalStateException(
          "%s does not compile for %s: %s"
              .formatted(
                  source.name(), capability, read(logSize, log, program, source).getString(0)));
    }
    return read(codeSize, code, program, source).toArray(ValueLayout.JAVA_BYTE);
  }

  /** What is asked for by its size first. */
  private static MemorySegment read(
      MethodHandle size, MethodHandle content, MemorySegment program, KernelSource source) {
    Arena arena = Arena.ofAuto();
    MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG);
    require(call(() -> (int) size.invokeExact(program, bytes)), source);
    MemorySegment found = arena.allocate(Math.max(1, bytes.get(ValueLayout.JAVA_LONG, 0)));
    require(call(() -> (int) content.invokeExact(program, found)), source);
    return found;
  }

  private static void require(int error, KernelSource source) {
    if (error != 0) {
      throw new IllegalStateException(
          "%s cannot be compiled: error %d of NVRTC".formatted(source.name(), error));
    }
  }
}
