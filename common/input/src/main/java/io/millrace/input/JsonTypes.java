package io.millrace.input;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Names of Java's types for people who write JSON. */
final class JsonTypes {

  private JsonTypes() {}

  static String name(@Nullable Class<?> type) {
    if (type == null) {
      return "of the right type";
    }
    if (type.isEnum()) {
      return "one of "
          + Arrays.stream(type.getEnumConstants())
              .map(String::valueOf)
              .collect(Collectors.joining(", "));
    }
    if (type == String.class || type == CharSequence.class) {
      return "a string";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == double.class
        || type == float.class
        || type == Double.class
        || type == Float.class) {
      return "a number";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "a whole number in range";
    }
    if (Collection.class.isAssignableFrom(type) || type.isArray()) {
      return "a list";
    }
    return "an object";
  }

  /** The field that says of which kind an object is. */
  static String kindField(Class<?> base) {
    JsonTypeInfo info = base.getAnnotation(JsonTypeInfo.class);
    return info == null || info.property().isEmpty() ? "type" : info.property();
  }

  /** The kinds that there are. */
  static String kinds(Class<?> base) {
    JsonSubTypes kinds = base.getAnnotation(JsonSubTypes.class);
    return kinds == null
        ? "the known kinds"
        : Arrays.stream(kinds.value())
            .map(JsonSubTypes.Type::name)
            .sorted()
            .collect(Collectors.joining(", "));
  }
}
