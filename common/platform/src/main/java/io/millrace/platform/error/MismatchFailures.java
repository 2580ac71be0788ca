package io.millrace.platform.error;

import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.TypeMismatchException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Says which request parameter or part of a path is wrong, what it is, and what is allowed. */
final class MismatchFailures {

  /** Characters of a value: enough to recognise it. */
  private static final int LONGEST_VALUE = 100;

  private MismatchFailures() {}

  static Failure of(TypeMismatchException mismatch) {
    String name =
        mismatch instanceof MethodArgumentTypeMismatchException argument
            ? argument.getName()
            : mismatch.getPropertyName();
    return new Failure(
        ErrorCode.INVALID_ARGUMENT,
        "parameter '%s' must be %s, it is %s"
            .formatted(name, allowed(mismatch.getRequiredType()), shown(mismatch.getValue())),
        name);
  }

  private static String shown(@Nullable Object value) {
    return switch (value) {
      case null -> "missing";
      case Object[] several -> "given " + several.length + " times";
      default -> "'" + Shortened.to(LONGEST_VALUE, value.toString()) + "'";
    };
  }

  private static String allowed(@Nullable Class<?> type) {
    if (type == null) {
      return "of another type";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(String::valueOf)
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    if (type == int.class || type == Integer.class) {
      return wholeNumber(Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    if (type == long.class || type == Long.class) {
      return wholeNumber(Long.MIN_VALUE, Long.MAX_VALUE);
    }
    if (type == double.class || type == Double.class) {
      return "a finite number such as -1.5 or 2e3";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    return type == UUID.class
        ? "a UUID such as 123e4567-e89b-12d3-a456-426614174000"
        : "a " + type.getSimpleName();
  }

  private static String wholeNumber(long least, long most) {
    return "a whole number from %d to %d".formatted(least, most);
  }
}
