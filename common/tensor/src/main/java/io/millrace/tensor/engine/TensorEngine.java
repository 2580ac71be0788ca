package io.millrace.tensor.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * libtorch in this process, started once: offline, quiet, without telemetry.
 *
 * <p><b>Threads.</b> How many processor threads an operation uses is a property of the thread that
 * calls it, so that a trainer with two and servers with one each can live in one process. A thread
 * says so by {@link #enterThread(int)} before its first operation; one that calls a kernel without
 * having said anything has one thread, the caller of {@link #start} has all processors. Gradient
 * recording is off but for the time of a recording kernel call. Kernel calls of virtual threads run
 * on a few platform threads with one thread each, because the settings belong to the thread of the
 * operating system.
 */
public final class TensorEngine {

  private static final Map<Device, TensorEngine> STARTED = new HashMap<>();
  private static final ThreadLocal<Boolean> ENTERED = ThreadLocal.withInitial(() -> false);
  private static volatile @Nullable TensorEngine first;

  private final Engine engine;
  private final Device device;

  private TensorEngine(Engine engine, Device device) {
    this.engine = engine;
    this.device = device;
  }

  /**
   * Starts libtorch, or joins the one already started in this process: the same device gives the
   * same object. The calling thread is entered with all processors unless it was entered before.
   *
   * @param deviceSetting see {@link DeviceChoice}
   * @throws IllegalArgumentException if the setting cannot be read
   * @throws IllegalStateException if the device is not there, or libtorch does not load
   */
  public static TensorEngine start(String deviceSetting) {
    return start(DeviceChoice.parse(deviceSetting));
  }

  static TensorEngine start(DeviceChoice choice) {
    synchronized (STARTED) {
      Engine engine = load(choice);
      Device device = choice.resolve(cudaDevices(engine, choice));
      TensorEngine started = STARTED.computeIfAbsent(device, key -> new TensorEngine(engine, key));
      if (first == null) {
        first = started;
      }
      if (!ENTERED.get()) {
        enterThread(Runtime.getRuntime().availableProcessors());
      }
      return started;
    }
  }

  private static Engine load(DeviceChoice choice) {
    setDefault("ai.djl.offline", "true");
    setDefault("OPT_OUT_TRACKING", "true");
    setDefault("ai.djl.default_engine", "PyTorch");
    // One pool for operations side by side is enough: kernels are sequential.
    setDefault("ai.djl.pytorch.num_interop_threads", "1");
    QuietLogging.apply(choice);
    try {
      return Engine.getEngine("PyTorch");
    } catch (EngineException | UnsatisfiedLinkError e) {
      throw new IllegalStateException(
          "libtorch does not load on this machine (%s, %s): %s. Its natives for linux-x86_64 come with Millrace; elsewhere set PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and PYTORCH_FLAVOR"
              .formatted(
                  System.getProperty("os.name"), System.getProperty("os.arch"), e.getMessage()),
          e);
    }
  }

  /** CUDA devices that the setting may mean. */
  static int cudaDevices(String deviceSetting) {
    DeviceChoice choice = DeviceChoice.parse(deviceSetting);
    synchronized (STARTED) {
      return cudaDevices(load(choice), choice);
    }
  }

  /** Devices that both exist and can be used by the libtorch that was loaded. */
  private static int cudaDevices(Engine engine, DeviceChoice choice) {
    return switch (choice) {
      case DeviceChoice.Cpu() -> 0;
      case DeviceChoice.Auto(), DeviceChoice.Cuda(int _) ->
          engine.hasCapability("CUDA") ? engine.getGpuCount() : 0;
    };
  }

  /**
   * Any engine that was started in this process, for work that does not depend on the device.
   *
   * @throws IllegalStateException if none was started
   */
  public static TensorEngine started() {
    TensorEngine any = first;
    if (any == null) {
      throw new IllegalStateException("call TensorEngine.start first");
    }
    return any;
  }

  /** Lets operations called from this platform thread use so many processor threads from now on. */
  public static void enterThread(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a thread count must be at least 1, not " + threads);
    }
    // libtorch sets up a thread's count at its first operation from the last count set anywhere,
    // which would undo ours; asking for the count makes it do so now.
    JniUtils.getNumThreads();
    JniUtils.setNumThreads(threads);
    JniUtils.setGradMode(false);
    // The profiling executor compiles again for every new shape.
    JniUtils.setGraphExecutorOptimize(false);
    ENTERED.set(true);
  }

  /** Enters the calling thread with one processor thread unless it was entered before. */
  public static void enterThread() {
    if (!ENTERED.get()) {
      enterThread(1);
    }
  }

  /** Runs work on one processor thread, whose operations are too short to be spread. */
  public static <T> T onOneThread(Supplier<T> work) {
    int before = threads();
    if (before == 1) {
      return work.get();
    }
    enterThread(1);
    try {
      return work.get();
    } finally {
      enterThread(before);
    }
  }

  /** How many processor threads operations called from this thread use. */
  public static int threads() {
    return JniUtils.getNumThreads();
  }

  /** The device that computes. */
  public Device device() {
    return device;
  }

  /** A new root manager on the device; whoever asks closes it. */
  public NDManager newManager() {
    return engine.newBaseManager(device);
  }

  /** Name and version for a report, e.g. {@code PyTorch 2.7.1 on cpu()}. */
  public String describe() {
    return engine.getEngineName() + " " + engine.getVersion() + " on " + device;
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
