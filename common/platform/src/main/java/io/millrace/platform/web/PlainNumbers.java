package io.millrace.platform.web;

import io.millrace.input.PlainNumber;
import java.beans.PropertyEditorSupport;
import java.util.Map;
import java.util.function.Function;
import org.springframework.web.bind.WebDataBinder;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.InitBinder;

/**
 * Numbers of query parameters and paths: Spring's own take {@code 0x10}, {@code 0.5f} and {@code
 * NaN} too. These are editors because a converter that fails is asked no more, but Spring's editors
 * are. An empty text is none.
 */
@ControllerAdvice
final class PlainNumbers {
  private static final Map<Class<?>, Function<String, Number>> READERS =
      Map.of(
          int.class, PlainNumber::whole,
          Integer.class, PlainNumber::whole,
          long.class, PlainNumber::large,
          Long.class, PlainNumber::large,
          double.class, PlainNumber::decimal,
          Double.class, PlainNumber::decimal);

  @InitBinder
  void read(WebDataBinder binder) {
    READERS.forEach((type, reader) -> binder.registerCustomEditor(type, new Editor(reader)));
  }

  private static final class Editor extends PropertyEditorSupport {
    private final Function<String, Number> reader;

    Editor(Function<String, Number> reader) {
      this.reader = reader;
    }

    @Override
    public void setAsText(String source) {
      String text = source.strip();
      setValue(text.isEmpty() ? null : reader.apply(text));
    }
  }
}
