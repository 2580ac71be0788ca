package io.millrace.tensor.kernel;

import io.millrace.tensor.kernel.KernelTuple.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a {@link KernelTuple} as the two lists that {@link TupleReaders} read. A tuple is one
 * integer a field: a tensor's place, a number, the place of a floating-point number in the other
 * list, or the place in this list of a tuple or list, which lies behind; -1 stands for None. A list
 * is its length, then its values; of floating-point numbers, the place of the first and how many.
 */
final class TupleEncoder {

  private static final long NONE = -1;

  private final Map<String, TupleType> types;
  private final List<Long> ints = new ArrayList<>();
  private final List<Double> floats = new ArrayList<>();

  private TupleEncoder(Map<String, TupleType> types) {
    this.types = types;
  }

  /** Both lists. */
  @SuppressWarnings("ArrayRecordComponent") // Handed to a kernel once, never compared.
  record Encoded(long[] ints, double[] floats) {}

  /**
   * Encodes a tuple of one of the types.
   *
   * @throws IllegalArgumentException if there is no such type, or a field is missing, unknown or
   *     has a value of another kind; the message names it
   */
  static Encoded encode(Map<String, TupleType> types, KernelTuple tuple) {
    TupleEncoder encoder = new TupleEncoder(types);
    encoder.tuple(tuple, tuple.type());
    return new Encoded(
        encoder.ints.stream().mapToLong(Long::longValue).toArray(),
        encoder.floats.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private long tuple(KernelTuple tuple, String expected) {
    TupleType type = types.get(tuple.type());
    if (type == null || !expected.equals(tuple.type())) {
      throw new IllegalArgumentException(
          "a NamedTuple %s is not a %s of these kernels".formatted(tuple.type(), expected));
    }
    Set<String> known = Set.copyOf(type.fields().stream().map(TupleType.Field::name).toList());
    for (String field : tuple.values().keySet()) {
      if (!known.contains(field)) {
        throw new IllegalArgumentException(
            "NamedTuple %s has no field %s".formatted(type.name(), field));
      }
    }
    int at = ints.size();
    type.fields().forEach(field -> ints.add(NONE));
    for (int i = 0; i < type.fields().size(); i++) {
      TupleType.Field field = type.fields().get(i);
      Value value = tuple.values().get(field.name());
      boolean none = value == null && !field.inside("Optional").isEmpty();
      if (!none && (value == null || !fits(field, value))) {
        throw new IllegalArgumentException(
            "%s.%s is a %s; it was given %s"
                .formatted(
                    type.name(), field.name(), field.type(), value == null ? "nothing" : value));
      }
      if (value != null) {
        ints.set(at + i, field(field, value));
      }
    }
    return at;
  }

  private long field(TupleType.Field field, Value value) {
    return switch (value) {
      case Value.Tensors tensors when tensors.list() ->
          list(tensors.places().stream().map(Integer::longValue).toList());
      case Value.Tensors tensors -> tensors.places().getFirst();
      case Value.Ints numbers when numbers.list() -> list(numbers.values());
      case Value.Ints numbers -> numbers.values().getFirst();
      case Value.Floats numbers -> reals(numbers);
      case Value.Tuples tuples when tuples.list() ->
          list(tuples.values().stream().map(part -> tuple(part, field.inside("List"))).toList());
      case Value.Tuples tuples ->
          tuple(
              tuples.values().getFirst(),
              field.inside("Optional").isEmpty() ? field.type() : field.inside("Optional"));
    };
  }

  /** Whether a field can hold a value; which tuple it is, is seen when that is written. */
  private boolean fits(TupleType.Field field, Value value) {
    return switch (value) {
      case Value.Tensors tensors -> fits(field, tensors.list(), "Tensor");
      case Value.Ints numbers ->
          fits(field, numbers.list(), "int") || field.type().equals("bool") && !numbers.list();
      case Value.Floats numbers -> fits(field, numbers.list(), "float");
      case Value.Tuples tuples ->
          tuples.list()
              ? types.containsKey(field.inside("List"))
              : types.containsKey(field.type()) || types.containsKey(field.inside("Optional"));
    };
  }

  private static boolean fits(TupleType.Field field, boolean list, String type) {
    return field.type().equals(list ? "List[" + type + "]" : type)
        || !list && field.type().equals("Optional[Tensor]") && type.equals("Tensor");
  }

  private long list(List<Long> values) {
    int at = ints.size();
    ints.add((long) values.size());
    ints.addAll(values);
    return at;
  }

  private long reals(Value.Floats numbers) {
    long first = floats.size();
    floats.addAll(numbers.values());
    if (!numbers.list()) {
      return first;
    }
    int at = ints.size();
    ints.add(first);
    ints.add((long) numbers.values().size());
    return at;
  }
}
