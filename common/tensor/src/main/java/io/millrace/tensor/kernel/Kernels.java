package io.millrace.tensor.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptMethods;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.engine.Tf32;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Compiled kernel files: every public function can be called by name.
 *
 * <p>Arguments may be an {@link NDArray} (Tensor), an {@link NDList} (List[Tensor]), {@code int} or
 * {@code long} (int), {@code double} or {@code float} (float), {@code boolean} (bool), {@code
 * long[]} (List[int]), {@code double[]} (List[float]) or a {@link KernelValue}. The result is the
 * tensor, or the tensors of the tuple or list in order, nested ones flattened. Calls from several
 * threads may overlap; see {@link TensorEngine} for how many processor threads each uses.
 */
public final class Kernels implements AutoCloseable {

  private sealed interface SharedKey {
    record Files(TensorEngine engine, Class<?> owner, List<String> names) implements SharedKey {}

    record Sources(TensorEngine engine, List<KernelSource> sources, boolean tf32)
        implements SharedKey {}
  }

  private enum Mode {
    PLAIN,
    RECORDING,
    READING
  }

  private static final Map<SharedKey, Kernels> SHARED = new ConcurrentHashMap<>();

  private final NDManager manager;
  private final PtSymbolBlock module;
  private final Map<String, TupleType> types;
  private final boolean tf32;

  private Kernels(
      NDManager manager, PtSymbolBlock module, Map<String, TupleType> types, boolean tf32) {
    this.manager = manager;
    this.module = module;
    this.types = types;
    this.tf32 = tf32;
  }

  /**
   * Compiles kernel files together.
   *
   * @throws IllegalArgumentException if libtorch refuses a source; the message shows the place
   */
  public static Kernels compile(TensorEngine engine, KernelSource... sources) {
    return compile(engine, List.of(sources), /* tf32= */ false);
  }

  private static Kernels compile(TensorEngine engine, List<KernelSource> sources, boolean tf32) {
    byte[] archive = KernelArchive.compile(sources);
    NDManager manager = engine.newManager();
    try {
      PtSymbolBlock module =
          JniUtils.loadModule(
              (PtNDManager) manager,
              new ByteArrayInputStream(archive),
              /* mapLocation= */ false,
              /* hasSize= */ false);
      return new Kernels(manager, module, TupleType.in(sources), tf32);
    } catch (IOException e) {
      manager.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      manager.close();
      throw new IllegalArgumentException("a kernel file does not compile: " + e.getMessage(), e);
    }
  }

  /**
   * The kernel files that lie beside {@code owner}, compiled together once per engine and kept
   * until the process ends; they must not be closed.
   */
  public static Kernels shared(TensorEngine engine, Class<?> owner, String... fileNames) {
    return SHARED.computeIfAbsent(
        new SharedKey.Files(engine, owner, List.of(fileNames)),
        key ->
            compile(
                engine,
                Arrays.stream(fileNames)
                    .map(name -> KernelSource.of(owner, name))
                    .toArray(KernelSource[]::new)));
  }

  /** As {@link #shared(TensorEngine, Class, String...)} for files from several places. */
  public static Kernels shared(TensorEngine engine, List<KernelSource> sources) {
    return shared(engine, sources, /* tf32= */ false);
  }

  /**
   * The same.
   *
   * @param tf32 whether their float32 products may use TF32 where the device has it, see {@link
   *     Tf32}
   */
  public static Kernels shared(TensorEngine engine, List<KernelSource> sources, boolean tf32) {
    return SHARED.computeIfAbsent(
        new SharedKey.Sources(engine, List.copyOf(sources), tf32),
        key -> compile(engine, List.copyOf(sources), tf32));
  }

  /** Runs a function without recording gradients; the results belong to {@code results}. */
  public NDList run(NDManager results, String function, Object... arguments) {
    return PlatformThreads.call(() -> call(results, function, Mode.PLAIN, arguments));
  }

  /**
   * As {@link #run} with less work an operation: the results can only be read, and neither be
   * written in place nor take part in autograd. Tensors among the arguments may be written.
   */
  public NDList runForReading(NDManager results, String function, Object... arguments) {
    return PlatformThreads.call(() -> call(results, function, Mode.READING, arguments));
  }

  /** Runs a function with gradient recording on, so that it can call {@code torch.grad}. */
  public NDList runRecording(NDManager results, String function, Object... arguments) {
    return PlatformThreads.call(() -> call(results, function, Mode.RECORDING, arguments));
  }

  /**
   * Runs a function without recording gradients and keeps the NamedTuple that it returns. The
   * function is given copies of tensors: one that was made of numbers of Java borrows its memory
   * from there, which is gone with the tensor, and what is kept may hold the tensor itself.
   *
   * @param function returns a type that another function takes
   * @return what functions take for it; closed by the caller
   */
  public KernelValue keep(String function, Object... arguments) {
    String method = KernelArchive.keeping(function);
    try (NDManager copies = manager.newSubManager()) {
      Object[] owned =
          Arrays.stream(arguments)
              .map(one -> one instanceof NDArray tensor ? copy(copies, tensor) : one)
              .toArray();
      return PlatformThreads.call(() -> new KernelValue(result(method, Mode.PLAIN, owned)));
    }
  }

  /**
   * Calls a function once as {@link #runForReading} does, and keeps the call, to be made again.
   *
   * <p>On a CUDA device what it starts is recorded. So it must do the same whatever its tensors
   * hold, must not wait for the device, and its arguments must live as long as the recording. A
   * processor calls the function each time.
   *
   * @throws IllegalStateException if the device cannot record it; the call itself has been made
   */
  public RecordedCall record(String function, Object... arguments) {
    Runnable call =
        () -> {
          IValue dropped = result(function, Mode.READING, arguments);
          dropped.close();
        };
    return PlatformThreads.call(() -> {
      // Loads the device's code and its libraries, which cannot be recorded.
      call.run();
      if (!manager.getDevice().isGpu()) {
        return new RecordedCall(call, () -> {});
      }
      CudaGraphs.Graph graph =
          CudaGraphs.loaded()
              .orElseThrow(() -> new IllegalStateException("libtorch records nothing"))
              .record(manager.getDevice().getDeviceId(), call);
      return new RecordedCall(graph::replay, graph::close);
    });
  }

  private static NDArray copy(NDManager owner, NDArray tensor) {
    NDArray copy = tensor.duplicate();
    copy.attach(owner);
    return copy;
  }

  /**
   * Makes a NamedTuple of the kernel files.
   *
   * @param tuple its values by field
   * @param tensors those that it names by their places
   * @return what functions take for it; closed by the caller
   * @throws IllegalArgumentException if a field is missing, unknown or of another kind
   */
  public KernelValue make(KernelTuple tuple, NDList tensors) {
    return make("make_", tuple, tensors);
  }

  /** As {@link #make}, of tensors by which a function that records can take gradients. */
  public KernelValue makeLearned(KernelTuple tuple, NDList tensors) {
    return make("learn_", tuple, tensors);
  }

  private KernelValue make(String prefix, KernelTuple tuple, NDList tensors) {
    TupleEncoder.Encoded encoded = TupleEncoder.encode(types, tuple);
    Object[] arguments = {tensors, encoded.ints(), encoded.floats()};
    return PlatformThreads.call(
        () -> new KernelValue(result(prefix + tuple.type(), Mode.PLAIN, arguments)));
  }

  private NDList call(NDManager results, String function, Mode mode, Object... arguments) {
    try (IValue result = result(function, mode, arguments)) {
      return result.toNDList((PtNDManager) results);
    }
  }

  private IValue result(String function, Mode mode, Object... arguments) {
    if (!tf32 && !manager.getDevice().isGpu()) {
      return resultNow(function, mode, arguments);
    }
    Tf32.begin(tf32);
    try {
      return resultNow(function, mode, arguments);
    } finally {
      Tf32.end();
    }
  }

  private IValue resultNow(String function, Mode mode, Object... arguments) {
    IValue[] values = new IValue[arguments.length];
    JniUtils.setGradMode(mode == Mode.RECORDING);
    try {
      for (int i = 0; i < arguments.length; i++) {
        values[i] = toValue(arguments[i]);
      }
      return mode == Mode.READING
          ? ScriptMethods.runForReading(module, function, values)
          : ScriptMethods.run(module, function, values);
    } finally {
      JniUtils.setGradMode(false);
      for (int i = 0; i < values.length; i++) {
        if (values[i] != null && !(arguments[i] instanceof KernelValue)) {
          values[i].close();
        }
      }
    }
  }

  private static IValue toValue(Object argument) {
    return switch (argument) {
      case PtNDArray tensor -> IValue.from(tensor);
      case KernelValue kept -> kept.value();
      case NDList list -> IValue.listFrom(list.stream().toArray(PtNDArray[]::new));
      case Integer number -> IValue.from(number.longValue());
      case Long number -> IValue.from(number.longValue());
      case Float number -> IValue.from(number.doubleValue());
      case Double number -> IValue.from(number.doubleValue());
      case Boolean flag -> IValue.from(flag.booleanValue());
      case long[] numbers -> IValue.listFrom(numbers);
      case double[] numbers -> IValue.listFrom(numbers);
      default ->
          throw new IllegalArgumentException(
              "a kernel cannot take an argument of " + argument.getClass().getName());
    };
  }

  /** Ends these kernels; shared ones stay, others use them too. */
  @Override
  public void close() {
    if (SHARED.containsValue(this)) {
      return;
    }
    module.close();
    manager.close();
  }
}
