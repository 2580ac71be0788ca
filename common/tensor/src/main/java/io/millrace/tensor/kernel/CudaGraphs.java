package io.millrace.tensor.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Records what CUDA devices are asked to do, to start all of it at once. */
final class CudaGraphs {

  private static final Optional<CudaGraphs> LOADED = load();

  private final CudaFunctions cuda;
  private final Map<Integer, Place> places = new ConcurrentHashMap<>();

  private CudaGraphs(CudaFunctions cuda) {
    this.cuda = cuda;
  }

  /** Of the libtorch that is loaded; empty if it cannot, or by other functions. */
  static Optional<CudaGraphs> loaded() {
    return LOADED;
  }

  private static Optional<CudaGraphs> load() {
    if (Boolean.getBoolean("millrace.tensor.without-cuda-graphs")) {
      return Optional.empty();
    }
    try {
      return Optional.of(new CudaGraphs(new CudaFunctions()));
    } catch (NoSuchElementException e) {
      return Optional.empty();
    }
  }

  /**
   * Where a device records, and what its recorded work computes in, one after the other. libtorch
   * gives such memory back when the last graph of it is gone, and takes its name for nothing else.
   */
  private static final class Place {
    private final MemorySegment stream;
    private MemorySegment memory = MemorySegment.NULL;
    private int graphs;

    /**
     * With no memory yet.
     *
     * @param stream used for nothing else
     */
    Place(MemorySegment stream) {
      this.stream = stream;
    }
  }

  /** Recorded work; closed when it will not be needed again. */
  final class Graph implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final Place place;
    private final MemorySegment graph;
    private boolean closed;

    private Graph(Place place) {
      this.place = place;
      this.graph = cuda.newGraph(arena);
    }

    /** Starts all of it on the device's usual stream, after what was started before. */
    void replay() {
      synchronized (place) {
        if (closed) {
          throw new IllegalStateException("what was recorded is closed");
        }
        cuda.replay(graph);
      }
    }

    @Override
    public void close() {
      synchronized (place) {
        if (!closed) {
          closed = true;
          place.graphs--;
          cuda.deleteGraph(graph);
          arena.close();
        }
      }
    }
  }

  /**
   * Records what the work asks the device to do, which does none of it meanwhile. The work must not
   * wait for the device and not change threads.
   *
   * @throws IllegalStateException if it cannot be recorded
   */
  Graph record(int device, Runnable work) {
    int before = cuda.exchange(device);
    Place place = places.computeIfAbsent(device, at -> new Place(cuda.newStream(at)));
    synchronized (place) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment usual = cuda.currentStream(arena, device);
        cuda.use(place.stream);
        try {
          return recordHere(place, work);
        } finally {
          cuda.use(usual);
          cuda.exchange(before);
        }
      }
    }
  }

  private Graph recordHere(Place place, Runnable work) {
    if (place.graphs == 0) {
      place.memory = cuda.newMemory();
    }
    Graph graph = new Graph(place);
    place.graphs++;
    cuda.begin(graph.graph, place.memory);
    try {
      work.run();
    } catch (RuntimeException e) {
      if (cuda.end(graph.graph, place.stream)) {
        graph.close();
      }
      throw e;
    }
    if (!cuda.end(graph.graph, place.stream)) {
      throw new IllegalStateException("the device cannot record this work");
    }
    return graph;
  }
}
