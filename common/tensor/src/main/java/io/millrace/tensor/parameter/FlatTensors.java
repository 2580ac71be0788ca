package io.millrace.tensor.parameter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.TensorInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Tensors of one type, float32 if nothing else is said, with the names and shapes of parameters, as
 * views of one contiguous buffer a {@link ParameterGroup}: an operation on all of them is an
 * operation on a few long vectors.
 *
 * <p>Views start at multiples of 16 values; the values between them are zero and stay zero in
 * everything computed value by value. Write through a kernel ({@code torch.copy_}, {@code out=}) or
 * {@link #copyFrom}: {@code NDArray.copyTo} into a view changes nothing.
 */
public final class FlatTensors implements AutoCloseable {

  /** Values: 64 bytes of float32, one cache line. */
  private static final int ALIGNMENT = 16;

  private final NDManager manager;
  private final Kernels kernels;
  private final ElementType type;
  private final List<ParameterSpec> specs;
  private final Map<ParameterGroup, NDArray> buffers = new EnumMap<>(ParameterGroup.class);
  private final Map<String, NDArray> views = new LinkedHashMap<>();

  /** Zeros for {@code specs}. */
  FlatTensors(TensorEngine engine, List<ParameterSpec> specs, ElementType type) {
    this.type = type;
    this.specs = List.copyOf(specs);
    this.manager = engine.newManager();
    try {
      this.kernels = Kernels.shared(engine, FlatTensors.class, "flat.py");
      allocate();
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  private void allocate() {
    Map<String, NDArray> found = new LinkedHashMap<>();
    NDArray like = manager.zeros(new Shape(1));
    for (ParameterGroup group : ParameterGroup.values()) {
      List<ParameterSpec> members = specs(group);
      if (!members.isEmpty()) {
        found.putAll(allocate(group, members, like));
      }
    }
    like.close();
    for (ParameterSpec spec : specs) {
      NDArray view = found.get(spec.name());
      if (view == null || views.put(spec.name(), view) != null) {
        throw new IllegalArgumentException("parameter " + spec.name() + " is specified twice");
      }
    }
  }

  private Map<String, NDArray> allocate(
      ParameterGroup group, List<ParameterSpec> members, NDArray like) {
    long[] offsets = new long[members.size()];
    long[] ranks = new long[members.size()];
    List<Long> sizes = new ArrayList<>();
    long end = 0;
    for (int i = 0; i < members.size(); i++) {
      offsets[i] = end;
      long[] shape = members.get(i).shape().getShape();
      ranks[i] = shape.length;
      for (long size : shape) {
        sizes.add(size);
      }
      end = Math.addExact(end, Math.ceilDiv(members.get(i).count(), ALIGNMENT) * ALIGNMENT);
    }
    NDArray flat =
        kernels.run(manager, "flat_zeros", like, end, type.scalarType()).singletonOrThrow();
    buffers.put(group, flat);
    long[] allSizes = sizes.stream().mapToLong(Long::longValue).toArray();
    NDList made = kernels.run(manager, "flat_views", flat, offsets, ranks, allSizes);
    Map<String, NDArray> named = new LinkedHashMap<>();
    for (int i = 0; i < members.size(); i++) {
      NDArray view = made.get(i);
      view.setName(members.get(i).name());
      named.put(members.get(i).name(), view);
    }
    return named;
  }

  /** The flat buffers in the order of the groups; groups without a member have none. */
  public NDList buffers() {
    return new NDList(buffers.values());
  }

  /** The groups that have a buffer, in the order of {@link #buffers()}. */
  public List<ParameterGroup> groups() {
    return List.copyOf(buffers.keySet());
  }

  /** The named views in the order of the specs. */
  public NDList tensors() {
    return new NDList(views.values());
  }

  /** The views of a group in the order of the specs. */
  public NDList tensors(ParameterGroup group) {
    NDList members = new NDList();
    specs.stream()
        .filter(spec -> spec.group() == group)
        .forEach(spec -> members.add(get(spec.name())));
    return members;
  }

  /**
   * One view.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public NDArray get(String name) {
    NDArray view = views.get(name);
    if (view == null) {
      throw new IllegalArgumentException("there is no parameter " + name);
    }
    return view;
  }

  /** The views by name, in the order of the specs. */
  public Map<String, NDArray> asMap() {
    return Collections.unmodifiableMap(views);
  }

  /** How every value is stored. */
  public ElementType type() {
    return type;
  }

  /** What the tensors were made for. */
  public List<ParameterSpec> specs() {
    return specs;
  }

  /**
   * Overwrites every tensor with the one in the same place of others, cast to their type: one
   * operation a group.
   *
   * @param others have these groups laid out alike, and perhaps more
   * @throws IllegalArgumentException if a group is missing or laid out otherwise
   */
  void copyFrom(FlatTensors others) {
    NDList sources = new NDList();
    for (ParameterGroup group : groups()) {
      if (!specs(group).equals(others.specs(group))) {
        throw new IllegalArgumentException("the tensors of " + group + " are laid out otherwise");
      }
      sources.add(others.buffers.get(group));
    }
    try (NDManager scratch = manager.newSubManager()) {
      kernels.run(scratch, "copy_all", buffers(), sources);
    }
  }

  private List<ParameterSpec> specs(ParameterGroup group) {
    return specs.stream().filter(spec -> spec.group() == group).toList();
  }

  /**
   * Overwrites every tensor with the one of the same name, cast to their type.
   *
   * @throws IllegalArgumentException if a name is missing, a name is too much, or a shape differs;
   *     nothing is written then
   */
  public void copyFrom(Map<String, NDArray> values) {
    requireFit(values, NDArray::getShape, "");
    NDList sources = new NDList();
    specs.forEach(spec -> sources.add(values.get(spec.name())));
    try (NDManager scratch = manager.newSubManager()) {
      kernels.run(scratch, "copy_all", tensors(), sources);
    }
  }

  /**
   * Overwrites every tensor with the one of the same name of a file, cast to their type, one at a
   * time.
   *
   * @throws IllegalArgumentException if a name is missing, a name is too much, or a shape differs;
   *     nothing is written then
   */
  public void copyFrom(SafetensorsFile file) {
    requireFit(file.tensors(), TensorInfo::shape, "");
    copyFrom(file, "");
  }

  /**
   * The same from tensors whose names have a prefix, which are not checked before.
   *
   * @throws IllegalArgumentException if a name is missing or a shape differs
   */
  public void copyFrom(SafetensorsFile file, String prefix) {
    for (ParameterSpec spec : specs) {
      try (NDManager scratch = manager.newSubManager()) {
        copyFrom(spec.name(), file.load(scratch, prefix + spec.name()));
      }
    }
  }

  /**
   * Overwrites one tensor, cast to their type.
   *
   * @throws IllegalArgumentException if there is none of that name, or the shape differs
   */
  public void copyFrom(String name, NDArray value) {
    NDArray target = get(name);
    if (!value.getShape().equals(target.getShape())) {
      throw new IllegalArgumentException(
          "tensor %s has shape %s, expected %s"
              .formatted(name, value.getShape(), target.getShape()));
    }
    try (NDManager scratch = manager.newSubManager()) {
      kernels.run(scratch, "copy_all", new NDList(target), new NDList(value));
    }
  }

  /**
   * Overwrites some values of one tensor, cast to their type.
   *
   * @param first number of the first of them, row by row
   * @return the number of the value after the last of them
   * @throws IllegalArgumentException if there is none of that name, or it has fewer values
   */
  public long copyFrom(String name, long first, NDArray values) {
    NDArray target = get(name);
    long end = Math.addExact(first, values.size());
    if (first < 0 || end > target.size()) {
      throw new IllegalArgumentException(
          "tensor %s has %d values, not those from %d to %d"
              .formatted(name, target.size(), first, end));
    }
    try (NDManager scratch = manager.newSubManager()) {
      kernels.run(scratch, "copy_chunk", target, first, values);
    }
    return end;
  }

  /** Sets every value to zero. */
  public void clear() {
    try (NDManager scratch = manager.newSubManager()) {
      kernels.run(scratch, "zero_all", buffers());
    }
  }

  /**
   * Checks names and shapes of tensors to be copied.
   *
   * @param prefix put before names in messages
   * @throws IllegalArgumentException if a name is missing, a name is too much, or a shape differs
   */
  public <T> void requireFit(Map<String, T> values, Function<T, Shape> shapeOf, String prefix) {
    for (ParameterSpec spec : specs) {
      String name = prefix + spec.name();
      T value = values.get(spec.name());
      if (value == null) {
        throw new IllegalArgumentException(
            "tensor " + name + " of shape " + spec.shape() + " is missing");
      }
      Shape shape = shapeOf.apply(value);
      if (!shape.equals(spec.shape())) {
        throw new IllegalArgumentException(
            "tensor %s has shape %s, expected %s".formatted(name, shape, spec.shape()));
      }
    }
    for (String name : values.keySet()) {
      if (!views.containsKey(name)) {
        throw new IllegalArgumentException("tensor " + prefix + name + " is not one of this model");
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
