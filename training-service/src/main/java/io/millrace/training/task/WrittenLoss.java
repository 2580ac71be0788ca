package io.millrace.training.task;

import io.millrace.platform.error.MillraceException;
import io.millrace.tensor.loss.LossPlan;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;

/** The option {@code loss}: a text, or in JSON a list with an object a loss, which is the same. */
public final class WrittenLoss extends ValueDeserializer<String> {

  @Override
  public String deserialize(JsonParser parser, DeserializationContext context) {
    JsonNode written = context.readTree(parser);
    if (!written.isArray()) {
      return context.readTreeAsValue(written, String.class);
    }
    try {
      return LossPlan.read(context.readTreeAsValue(written, Object.class)).text();
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("loss", "loss: " + e.getMessage());
    }
  }
}
