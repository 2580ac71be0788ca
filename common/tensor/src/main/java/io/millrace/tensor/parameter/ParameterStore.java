package io.millrace.tensor.parameter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The float32 master weights of a model.
 *
 * <p>Every weight is a view of a flat buffer, see {@link FlatTensors}. The first values depend on
 * the seed and on the parameter's name alone.
 */
public final class ParameterStore implements AutoCloseable {

  /** Values drawn before they are handed to the device: 16 MiB of float32. */
  private static final int CHUNK = 1 << 22;

  private final TensorEngine engine;
  private final FlatTensors weights;

  private ParameterStore(TensorEngine engine, FlatTensors weights) {
    this.engine = engine;
    this.weights = weights;
  }

  /**
   * Allocates and initialises weights on the engine's device.
   *
   * @throws IllegalArgumentException if two parameters have the same name
   */
  public static ParameterStore create(TensorEngine engine, List<ParameterSpec> specs, long seed) {
    ParameterStore store = zeros(engine, specs);
    try {
      for (ParameterSpec spec : specs) {
        store.initialise(spec, seed);
      }
      return store;
    } catch (RuntimeException | Error e) {
      store.close();
      throw e;
    }
  }

  /**
   * Allocates weights that are loaded next, all zero.
   *
   * @throws IllegalArgumentException if two parameters have the same name
   */
  public static ParameterStore zeros(TensorEngine engine, List<ParameterSpec> specs) {
    return new ParameterStore(engine, new FlatTensors(engine, specs, ElementType.F32));
  }

  /**
   * Reads weights from a file, whose shapes are checked before any memory is taken: those that a
   * broken configuration asks for may need more than there is.
   *
   * @throws IOException if the file is missing or broken, or a tensor is missing, too much or of
   *     the wrong shape; the message names file and tensor
   */
  public static ParameterStore read(TensorEngine engine, List<ParameterSpec> specs, Path file)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      requireShapes(tensors, specs);
      ParameterStore store = zeros(engine, specs);
      try {
        store.load(tensors);
        return store;
      } catch (RuntimeException | Error e) {
        store.close();
        throw e;
      }
    } catch (UncheckedIOException e) {
      throw SafetensorsFile.checked(e);
    } catch (IllegalArgumentException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void requireShapes(SafetensorsFile tensors, List<ParameterSpec> specs)
      throws IOException {
    for (ParameterSpec spec : specs) {
      TensorInfo info = tensors.info(spec.name());
      if (!info.shape().equals(spec.shape())) {
        throw new IOException(
            "%s: tensor '%s' has the shape %s, config.json asks for %s"
                .formatted(tensors.path(), spec.name(), info.shape(), spec.shape()));
      }
    }
  }

  private void initialise(ParameterSpec spec, long seed) {
    if (spec.init() instanceof Initializer.Zeros) {
      return;
    }
    Kernels kernels = Kernels.shared(engine, FlatTensors.class, "flat.py");
    InitialValues values = new InitialValues(spec.init(), seed, spec.name());
    NDArray target = get(spec.name());
    for (long at = 0; at < spec.count(); at += CHUNK) {
      int count = (int) Math.min(CHUNK, spec.count() - at);
      ByteBuffer bytes =
          ByteBuffer.allocateDirect(count * Float.BYTES).order(ByteOrder.nativeOrder());
      values.fill(bytes.asFloatBuffer(), at);
      try (NDManager scratch = engine.newManager()) {
        NDArray chunk = scratch.create(bytes, new Shape(count), DataType.FLOAT32);
        kernels.run(scratch, "copy_chunk", target, at, chunk);
      }
    }
  }

  /** All weights in the order of the specs; they belong to the store. */
  public NDList tensors() {
    return weights.tensors();
  }

  /** The weights that gradients are taken of, in the order of the specs. */
  public NDList learnedTensors() {
    NDList learned = new NDList();
    learnedSpecs().forEach(spec -> learned.add(get(spec.name())));
    return learned;
  }

  /** One weight. */
  public NDArray get(String name) {
    return weights.get(name);
  }

  /** All weights by name, in the order of the specs. */
  public Map<String, NDArray> asMap() {
    return weights.asMap();
  }

  /** The weights with their flat buffers. */
  public FlatTensors weights() {
    return weights;
  }

  /** All specs. */
  public List<ParameterSpec> specs() {
    return weights.specs();
  }

  /** The specs of weights that gradients are taken of. */
  public List<ParameterSpec> learnedSpecs() {
    return specs().stream().filter(spec -> spec.group().learned()).toList();
  }

  /** Number of values, those of {@link ParameterGroup#BUFFER} not counted. */
  public long count() {
    return learnedSpecs().stream().mapToLong(ParameterSpec::count).sum();
  }

  /** Zeros of the layout of the learned weights, for gradients or averages. */
  public FlatTensors newLearnedZeros() {
    return newLearnedZeros(ElementType.F32);
  }

  /**
   * Zeros of the same layout in another type, for an optimizer's moments. What DJL has no type for
   * must not leave kernels, see {@link ElementType#dataType()}.
   */
  public FlatTensors newLearnedZeros(ElementType type) {
    return new FlatTensors(engine, learnedSpecs(), type);
  }

  /**
   * Overwrites copies of the learned weights, made by {@link #newLearnedZeros(ElementType)} of this
   * store, cast to their type: one operation a group.
   */
  public void copyLearned(FlatTensors copies) {
    copies.copyFrom(weights);
  }

  /**
   * Overwrites all weights.
   *
   * @throws IllegalArgumentException if a name is missing, a name is too much, or a shape differs;
   *     nothing is written then
   */
  public void load(Map<String, NDArray> values) {
    weights.copyFrom(values);
  }

  /**
   * Overwrites one weight.
   *
   * @throws IllegalArgumentException if there is none of that name, or the shape differs
   */
  public void load(String name, NDArray value) {
    weights.copyFrom(name, value);
  }

  /**
   * Overwrites all weights with those of a file, one at a time.
   *
   * @throws IllegalArgumentException as {@link #load(Map)}; the message names the file
   */
  public void load(SafetensorsFile file) {
    try {
      weights.copyFrom(file);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file.path() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    weights.close();
  }
}
