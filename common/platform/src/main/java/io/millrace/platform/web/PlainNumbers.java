package io.millrace.platform.web;

import io.millrace.input.PlainNumber;
import org.jspecify.annotations.Nullable;
import org.springframework.core.convert.converter.Converter;
import org.springframework.core.convert.converter.ConverterFactory;
import org.springframework.util.NumberUtils;

/**
 * Numbers of query parameters and paths: Spring's own take {@code 0x10} and {@code 0.5f} too. An
 * empty text is none.
 */
final class PlainNumbers implements ConverterFactory<String, Number> {

  @Override
  public <T extends Number> Converter<String, T> getConverter(Class<T> type) {
    return new Reader<>(type);
  }

  private record Reader<T extends Number>(Class<T> type) implements Converter<String, T> {

    // Null, as Spring's own converter has it for an empty text.
    @Override
    @SuppressWarnings("NullAway")
    public @Nullable T convert(String source) {
      String text = source.strip();
      return text.isEmpty() ? null : number(text, type);
    }
  }

  private static <T extends Number> T number(String text, Class<T> type) {
    Number value =
        type == Double.class || type == Float.class
            ? PlainNumber.decimal(text)
            : PlainNumber.large(text);
    return NumberUtils.convertNumberToTargetClass(value, type);
  }
}
