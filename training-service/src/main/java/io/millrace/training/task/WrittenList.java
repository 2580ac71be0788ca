package io.millrace.training.task;

import io.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;

/** Options with several values: a text with commas, or in JSON a list, which is the same. */
public final class WrittenList extends ValueDeserializer<String> {

  @Override
  public String deserialize(JsonParser parser, DeserializationContext context) {
    JsonNode written = context.readTree(parser);
    boolean plain =
        written.isArray()
            && !written.isEmpty()
            && written.valueStream().allMatch(one -> one.isString() || one.isNumber());
    return plain
        ? written.valueStream().map(JsonNode::asString).collect(Collectors.joining(","))
        : context.readTreeAsValue(written, String.class);
  }

  /**
   * The values of an option.
   *
   * @param example of it, for the message
   * @param reader of a value; throws an IllegalArgumentException if it is none
   * @throws MillraceException INVALID_ARGUMENT naming the field
   */
  public static <T> List<T> read(
      String field, String text, String example, Function<String, T> reader) {
    List<T> values = new ArrayList<>();
    for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
      try {
        values.add(reader.apply(part.strip()));
      } catch (IllegalArgumentException e) {
        throw MillraceException.invalid(
            field, "%s must be like %s; it is '%s'".formatted(field, example, text));
      }
    }
    return List.copyOf(values);
  }
}
