package io.millrace.tensor.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A NamedTuple that a kernel file declares: {@code class Name(NamedTuple):}, then a field a line.
 *
 * @param name of the class
 * @param fields in the order of the file
 */
record TupleType(String name, List<Field> fields) {

  private static final Pattern CLASS =
      Pattern.compile(
          "(?m)^class\\s+(\\w+)\\s*\\(NamedTuple\\):[^\\n]*\\n((?:[ \\t]+[^\\n]*\\n|[ \\t]*\\n)*)");
  private static final Pattern FIELD = Pattern.compile("(?m)^\\s+(\\w+)\\s*:\\s*([^#\\n]+)");

  TupleType {
    fields = List.copyOf(fields);
  }

  /**
   * A field.
   *
   * @param type as it is written, {@code Optional[Tensor]}
   */
  record Field(String name, String type) {

    /** What is in the brackets of {@code outer[...]}; empty for another type. */
    String inside(String outer) {
      return type.startsWith(outer + "[")
          ? type.substring(outer.length() + 1, type.length() - 1)
          : "";
    }
  }

  /**
   * The NamedTuples of some files by name.
   *
   * @throws IllegalArgumentException if a name is declared twice
   */
  static Map<String, TupleType> in(List<KernelSource> sources) {
    Map<String, TupleType> types = new LinkedHashMap<>();
    for (KernelSource source : sources) {
      Matcher matcher = CLASS.matcher(KernelArchive.withoutDocstrings(source.text()) + "\n");
      while (matcher.find()) {
        List<Field> fields = new ArrayList<>();
        Matcher field = FIELD.matcher(matcher.group(2));
        while (field.find()) {
          fields.add(new Field(field.group(1), field.group(2).strip()));
        }
        if (types.put(matcher.group(1), new TupleType(matcher.group(1), fields)) != null) {
          throw new IllegalArgumentException(
              "NamedTuple %s is declared twice, again in %s"
                  .formatted(matcher.group(1), source.name()));
        }
      }
    }
    return types;
  }
}
