package io.millrace.tensor.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.HashMap;
import java.util.Map;

/**
 * libtorch in this process, started once: offline, without telemetry, with an explicit number of
 * threads.
 *
 * <p>Gradient recording is switched by the kernel calls themselves; the graph executor that would
 * recompile for every new shape is off on threads that call {@link #enterThread}.
 */
public final class TensorEngine {

  private static final Map<Device, TensorEngine> STARTED = new HashMap<>();

  private final Engine engine;
  private final Device device;

  private TensorEngine(Engine engine, Device device) {
    this.engine = engine;
    this.device = device;
  }

  /**
   * Starts libtorch, or joins the one already started in this process: the same device gives the
   * same object.
   *
   * @param deviceSetting see {@link DeviceChoice}
   * @throws IllegalArgumentException if the setting cannot be read
   * @throws IllegalStateException if the device is not there
   */
  public static TensorEngine start(String deviceSetting) {
    DeviceChoice choice = DeviceChoice.parse(deviceSetting);
    synchronized (STARTED) {
      setDefault("ai.djl.offline", "true");
      setDefault("OPT_OUT_TRACKING", "true");
      setDefault("ai.djl.default_engine", "PyTorch");
      // One pool for operations side by side is enough: kernels are sequential.
      setDefault("ai.djl.pytorch.num_interop_threads", "1");
      Engine engine = Engine.getEngine("PyTorch");
      boolean onlyCpu = choice instanceof DeviceChoice.Cpu;
      Device device = choice.resolve(onlyCpu ? 0 : engine.getGpuCount());
      TensorEngine started = STARTED.computeIfAbsent(device, key -> new TensorEngine(engine, key));
      started.enterThread();
      return started;
    }
  }

  /**
   * Prepares the calling thread: no gradients outside of training calls, no recompiling executor.
   */
  public void enterThread() {
    JniUtils.setGradMode(false);
    JniUtils.setGraphExecutorOptimize(false);
  }

  /** As {@link #enterThread()}, and operations called from this thread use so many threads. */
  public void enterThread(int threads) {
    enterThread();
    JniUtils.setNumThreads(threads);
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
