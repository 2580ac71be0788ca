package io.millrace.tensor.kernel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Kernel functions that make the NamedTuples of kernel files out of what {@link TupleEncoder}
 * writes: {@code make_Name} and {@code learn_Name} for Java, and for each type helpers for a place,
 * for one that may hold none and for a list. Types with fields that Java cannot give have none.
 */
final class TupleReaders {

  private static final String PARAMETERS =
      "(tensors: List[Tensor], ints: List[int], floats: List[float], at: int)";
  private static final Set<String> PLAIN =
      Set.of(
          "Tensor",
          "Optional[Tensor]",
          "List[Tensor]",
          "int",
          "bool",
          "float",
          "List[int]",
          "List[float]");
  private static final String COMMON =
      """
      def _tensor_if(tensors: List[Tensor], at: int) -> Optional[Tensor]:
          found: Optional[Tensor] = None
          if at >= 0:
              found = tensors[at]
          return found


      def _tensors_at(tensors: List[Tensor], ints: List[int], at: int) -> List[Tensor]:
          found: List[Tensor] = []
          for i in range(ints[at]):
              found.append(tensors[ints[at + 1 + i]])
          return found


      """;
  private static final String OF_TYPE =
      """
      def _%1$s_if%2$s -> Optional[%1$s]:
          found: Optional[%1$s] = None
          if at >= 0:
              found = _%1$s_at(tensors, ints, floats, at)
          return found


      def _%1$s_list%2$s -> List[%1$s]:
          found: List[%1$s] = []
          for i in range(ints[at]):
              found.append(_%1$s_at(tensors, ints, floats, ints[at + 1 + i]))
          return found


      """;
  private static final String FOR_JAVA =
      """
      class %2$s:
        value : %1$s
        def __init__(self: %2$s, value: %1$s) -> NoneType:
          self.value = value
          return None


      def make_%1$s(tensors: List[Tensor], ints: List[int], floats: List[float]) -> %2$s:
          return %2$s(_%1$s_at(tensors, ints, floats, 0))


      def learn_%1$s(tensors: List[Tensor], ints: List[int], floats: List[float]) -> %2$s:
          leaves: List[Tensor] = []
          for tensor in tensors:
              leaves.append(tensor.detach().requires_grad_())
          return %2$s(_%1$s_at(leaves, ints, floats, 0))


      """;

  private final Map<String, TupleType> types;
  private final Set<String> taken;
  private final Set<String> readable;

  private TupleReaders(Map<String, TupleType> types, Set<String> taken) {
    this.types = types;
    this.taken = taken;
    this.readable = new HashSet<>(types.keySet());
    // A type that holds one of these is none of them either.
    while (readable.retainAll(
        types.values().stream()
            .filter(type -> type.fields().stream().allMatch(this::isReadable))
            .map(TupleType::name)
            .toList())) {}
  }

  /**
   * The functions as a kernel file.
   *
   * @param taken the types that Java hands over, which have functions for it
   */
  static KernelSource of(Map<String, TupleType> types, Set<String> taken) {
    TupleReaders readers = new TupleReaders(types, taken);
    String text =
        readers.readable.isEmpty()
            ? ""
            : types.values().stream()
                .filter(type -> readers.readable.contains(type.name()))
                .map(readers::functions)
                .collect(Collectors.joining("", COMMON, ""));
    return new KernelSource("readers of NamedTuples", text);
  }

  /**
   * The class of objects that hold a tuple for Java. libtorch compares the type of an argument with
   * the one that is declared: of a tuple field by field and several times over, of an object by its
   * name.
   */
  static String holder(String type) {
    return type + "Held";
  }

  private boolean isReadable(TupleType.Field field) {
    return PLAIN.contains(field.type())
        || readable.contains(field.type())
        || readable.contains(field.inside("Optional"))
        || readable.contains(field.inside("List"));
  }

  private String functions(TupleType type) {
    List<String> values = new ArrayList<>();
    for (TupleType.Field field : type.fields()) {
      values.add(field.name() + "=" + value(field, "ints[at + " + values.size() + "]"));
    }
    return "def _%s_at%s -> %s:\n    return %s(\n        %s)\n\n\n"
            .formatted(
                type.name(),
                PARAMETERS,
                type.name(),
                type.name(),
                String.join(",\n        ", values))
        + OF_TYPE.formatted(type.name(), PARAMETERS)
        + (taken.contains(type.name()) ? FOR_JAVA.formatted(type.name(), holder(type.name())) : "");
  }

  private String value(TupleType.Field field, String place) {
    return switch (field.type()) {
      case "Tensor" -> "tensors[" + place + "]";
      case "Optional[Tensor]" -> "_tensor_if(tensors, " + place + ")";
      case "List[Tensor]" -> "_tensors_at(tensors, ints, " + place + ")";
      case "int" -> place;
      case "bool" -> place + " != 0";
      case "float" -> "floats[" + place + "]";
      case "List[int]" -> slice("ints", place);
      case "List[float]" -> slice("floats", place);
      default -> part(field, place);
    };
  }

  /** A list's place is that of its length, before its first value. */
  private static String slice(String list, String place) {
    return list.equals("ints")
        ? "ints[%1$s + 1:%1$s + 1 + ints[%1$s]]".formatted(place)
        : "floats[ints[%1$s]:ints[%1$s] + ints[%1$s + 1]]".formatted(place);
  }

  private String part(TupleType.Field field, String place) {
    String suffix =
        types.containsKey(field.type())
            ? field.type() + "_at"
            : field.inside("Optional").isEmpty()
                ? field.inside("List") + "_list"
                : field.inside("Optional") + "_if";
    return "_" + suffix + "(tensors, ints, floats, " + place + ")";
  }
}
