package io.millrace.platform.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.TypeMismatchException;

class MismatchFailuresTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "int | a whole number from -2147483648 to 2147483647",
        "long | a whole number from -9223372036854775808 to 9223372036854775807",
        "double | a finite number such as -1.5 or 2e3",
        "boolean | true or false",
        "uuid | a UUID such as 123e4567-e89b-12d3-a456-426614174000",
        "unit | one of NANOSECONDS, MICROSECONDS, MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS",
      })
  void namesTheParameterItsValueAndWhatIsAllowed(String type, String allowed) {
    Failure failure = MismatchFailures.of(mismatch("hot", typeOf(type)));

    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure.message())
        .isEqualTo("parameter 'temperature' must be " + allowed + ", it is 'hot'");
    assertThat(failure.parameter()).isEqualTo("temperature");
  }

  @Test
  void repeatsOnlyTheBeginningOfALongValue() {
    Failure failure = MismatchFailures.of(mismatch("9".repeat(5000), long.class));

    assertThat(failure.message()).endsWith("it is '" + "9".repeat(100) + "...'");
  }

  @Test
  void countsSeveralValues() {
    Failure failure = MismatchFailures.of(mismatch(new String[] {"1", "x"}, int.class));

    assertThat(failure.message()).endsWith("it is given 2 times");
  }

  private static TypeMismatchException mismatch(Object value, Class<?> type) {
    TypeMismatchException mismatch = new TypeMismatchException(value, type);
    mismatch.initPropertyName("temperature");
    return mismatch;
  }

  private static Class<?> typeOf(String name) {
    return switch (name) {
      case "int" -> int.class;
      case "long" -> Long.class;
      case "double" -> double.class;
      case "boolean" -> Boolean.class;
      case "uuid" -> UUID.class;
      case "unit" -> TimeUnit.class;
      default -> throw new IllegalArgumentException(name);
    };
  }
}
