package io.millrace.tensor.kernel;

import static io.millrace.tensor.kernel.NativeCalls.call;
import static io.millrace.tensor.kernel.NativeCalls.invoke;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * The functions of libtorch that record what a CUDA device is asked to do, which DJL does not call:
 * at::cuda::CUDAGraph and the streams of c10::cuda. They have the names that the C++ compiler gave
 * them in libtorch 2.7 to 2.11. An exception of one of them ends the process.
 */
final class CudaFunctions {

  /** Two words in registers: c10::cuda::CUDAStream, and what names a pool of memory. */
  private static final MemoryLayout PAIR =
      MemoryLayout.structLayout(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);

  private static final AddressLayout POINTER = ValueLayout.ADDRESS;

  /** Generous: an at::cuda::CUDAGraph is smaller than that in every release. */
  private static final long GRAPH_BYTES = 4096;

  /** cudaStreamCaptureModeRelaxed: other threads, and this one, may take memory meanwhile. */
  private static final int RELAXED = 2;

  /** cudaStreamCaptureStatusActive. */
  private static final int ACTIVE = 1;

  private final MethodHandle newGraph;
  private final boolean takesFlag;
  private final MethodHandle deleteGraph;
  private final MethodHandle begin;
  private final MethodHandle end;
  private final MethodHandle replay;
  private final MethodHandle newMemory;
  private final MethodHandle newStream;
  private final MethodHandle currentStream;
  private final MethodHandle setStream;
  private final MethodHandle rawStream;
  private final MethodHandle exchangeDevice;
  private final MethodHandle status;
  private final MethodHandle abort;

  /**
   * Of the libraries that DJL has loaded, and of those that they need.
   *
   * @throws NoSuchElementException if a function is not there
   */
  CudaFunctions() {
    Optional<MethodHandle> withFlag =
        find("_ZN2at4cuda9CUDAGraphC1Eb", ofVoid(POINTER, ValueLayout.JAVA_BOOLEAN));
    takesFlag = withFlag.isPresent();
    newGraph = withFlag.orElseGet(() -> get("_ZN2at4cuda9CUDAGraphC1Ev", ofVoid(POINTER)));
    deleteGraph = get("_ZN2at4cuda9CUDAGraphD1Ev", ofVoid(POINTER));
    begin =
        get(
            "_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode",
            ofVoid(POINTER, PAIR, ValueLayout.JAVA_INT));
    end = get("_ZN2at4cuda9CUDAGraph11capture_endEv", ofVoid(POINTER));
    replay = get("_ZN2at4cuda9CUDAGraph6replayEv", ofVoid(POINTER));
    newMemory = get("_ZN2at4cuda17graph_pool_handleEv", FunctionDescriptor.of(PAIR));
    newStream =
        get(
            "_ZN3c104cuda17getStreamFromPoolEba",
            FunctionDescriptor.of(PAIR, ValueLayout.JAVA_BOOLEAN, ValueLayout.JAVA_BYTE));
    currentStream =
        get(
            "_ZN3c104cuda20getCurrentCUDAStreamEa",
            FunctionDescriptor.of(PAIR, ValueLayout.JAVA_BYTE));
    setStream = get("_ZN3c104cuda20setCurrentCUDAStreamENS0_10CUDAStreamE", ofVoid(PAIR));
    rawStream = get("_ZNK3c104cuda10CUDAStream6streamEv", FunctionDescriptor.of(POINTER, POINTER));
    exchangeDevice =
        get(
            "_ZN3c104cuda14ExchangeDeviceEa",
            FunctionDescriptor.of(ValueLayout.JAVA_BYTE, ValueLayout.JAVA_BYTE));
    FunctionDescriptor ofStream = NativeCalls.ofInt(POINTER, POINTER);
    status = get("cudaStreamIsCapturing", ofStream);
    abort = get("cudaStreamEndCapture", ofStream);
  }

  private static FunctionDescriptor ofVoid(MemoryLayout... arguments) {
    return FunctionDescriptor.ofVoid(arguments);
  }

  private static Optional<MethodHandle> find(String name, FunctionDescriptor descriptor) {
    return NativeCalls.find(SymbolLookup.loaderLookup(), name, descriptor);
  }

  private static MethodHandle get(String name, FunctionDescriptor descriptor) {
    return NativeCalls.get(SymbolLookup.loaderLookup(), name, descriptor);
  }

  /** An empty at::cuda::CUDAGraph. */
  MemorySegment newGraph(Arena arena) {
    MemorySegment graph = arena.allocate(GRAPH_BYTES, Long.BYTES);
    invoke(() -> {
      if (takesFlag) {
        newGraph.invokeExact(graph, /* keepGraph= */ false);
      } else {
        newGraph.invokeExact(graph);
      }
    });
    return graph;
  }

  void deleteGraph(MemorySegment graph) {
    invoke(() -> {
      deleteGraph.invokeExact(graph);
    });
  }

  /** A name for memory that graphs share. */
  MemorySegment newMemory() {
    return call(() -> (MemorySegment) newMemory.invokeExact((SegmentAllocator) Arena.ofAuto()));
  }

  /** A stream of a device, kept for the process as libtorch keeps it. */
  MemorySegment newStream(int device) {
    return call(() ->
        (MemorySegment)
            newStream.invokeExact(
                (SegmentAllocator) Arena.global(), /* highPriority= */ false, (byte) device));
  }

  /** The stream to which this thread gives a device's work. */
  MemorySegment currentStream(Arena arena, int device) {
    return call(
        () -> (MemorySegment) currentStream.invokeExact((SegmentAllocator) arena, (byte) device));
  }

  /** CUDA's own name for a stream. */
  MemorySegment raw(MemorySegment stream) {
    return call(() -> (MemorySegment) rawStream.invokeExact(stream));
  }

  /** Gives the work of this thread to a stream. */
  void use(MemorySegment stream) {
    invoke(() -> {
      setStream.invokeExact(stream);
    });
  }

  /** Makes a device this thread's. */
  int exchange(int device) {
    return call(() -> (byte) exchangeDevice.invokeExact((byte) device));
  }

  /** Begins to record what this thread gives to its stream. */
  void begin(MemorySegment graph, MemorySegment memory) {
    invoke(() -> {
      begin.invokeExact(graph, memory, RELAXED);
    });
  }

  /**
   * Ends it. The CUDA runtime is asked first, by functions that answer with numbers: of a recording
   * that is broken libtorch would throw, and its half of it stays, a few kilobytes.
   *
   * @return whether all was recorded
   */
  boolean end(MemorySegment graph, MemorySegment stream) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment raw = raw(stream);
      MemorySegment answer = arena.allocate(POINTER);
      int error = call(() -> (int) status.invokeExact(raw, answer));
      if (error != 0 || answer.get(ValueLayout.JAVA_INT, 0) != ACTIVE) {
        call(() -> (int) abort.invokeExact(raw, answer));
        return false;
      }
      invoke(() -> {
        end.invokeExact(graph);
      });
      return true;
    }
  }

  /** Starts what was recorded on this thread's stream. */
  void replay(MemorySegment graph) {
    invoke(() -> {
      replay.invokeExact(graph);
    });
  }
}
