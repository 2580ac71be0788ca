package io.millrace.tensor.kernel;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What Java gives a kernel as a NamedTuple: values by the names of its fields, in any order.
 * Tensors are named by their places in a list that comes with it, so that one tuple stands for
 * weights, for their averages and for their gradients. A field that is left out is None.
 */
public final class KernelTuple {

  private final String type;
  private final Map<String, Value> values = new LinkedHashMap<>();

  /** An empty one of the NamedTuple of that name. */
  public KernelTuple(String type) {
    this.type = type;
  }

  /** A value of a field. */
  sealed interface Value {
    /** The places of tensors; a single one, or a list. */
    record Tensors(List<Integer> places, boolean list) implements Value {}

    /** Integers; a single one, or a list. */
    record Ints(List<Long> values, boolean list) implements Value {}

    /** Floating-point numbers; a single one, or a list. */
    record Floats(List<Double> values, boolean list) implements Value {}

    /** Tuples; a single one, or a list. */
    record Tuples(List<KernelTuple> values, boolean list) implements Value {}
  }

  /** The tensor at a place of the list. */
  public KernelTuple tensor(String field, int place) {
    return with(field, new Value.Tensors(List.of(place), /* list= */ false));
  }

  /** The tensors at these places. */
  public KernelTuple tensors(String field, List<Integer> places) {
    return with(field, new Value.Tensors(List.copyOf(places), /* list= */ true));
  }

  /** An integer. */
  public KernelTuple number(String field, long value) {
    return with(field, new Value.Ints(List.of(value), /* list= */ false));
  }

  /** Integers. */
  public KernelTuple numbers(String field, List<Integer> values) {
    return with(
        field, new Value.Ints(values.stream().map(Integer::longValue).toList(), /* list= */ true));
  }

  /** True or false. */
  public KernelTuple flag(String field, boolean value) {
    return number(field, value ? 1 : 0);
  }

  /** A floating-point number. */
  public KernelTuple real(String field, double value) {
    return with(field, new Value.Floats(List.of(value), /* list= */ false));
  }

  /** Floating-point numbers. */
  public KernelTuple reals(String field, double... values) {
    return with(field, new Value.Floats(Arrays.stream(values).boxed().toList(), /* list= */ true));
  }

  /** Another NamedTuple. */
  public KernelTuple part(String field, KernelTuple value) {
    return with(field, new Value.Tuples(List.of(value), /* list= */ false));
  }

  /** NamedTuples of one type. */
  public KernelTuple parts(String field, List<KernelTuple> values) {
    return with(field, new Value.Tuples(List.copyOf(values), /* list= */ true));
  }

  private KernelTuple with(String field, Value value) {
    if (values.put(field, value) != null) {
      throw new IllegalArgumentException(type + "." + field + " is given twice");
    }
    return this;
  }

  /** Name of the NamedTuple. */
  String type() {
    return type;
  }

  /** Values by field. */
  Map<String, Value> values() {
    return values;
  }
}
