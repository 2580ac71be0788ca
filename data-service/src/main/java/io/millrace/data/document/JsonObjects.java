package io.millrace.data.document;

import static io.millrace.data.document.JsonFields.invalid;

import io.millrace.platform.error.MillraceException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The objects of a stream that is a JSON array of them, or one object. They are read one after
 * another, so that no more than one is in memory.
 */
public final class JsonObjects implements AutoCloseable {
  private final JsonParser parser;
  private final ObjectReader reader;
  private final @Nullable JsonToken first;
  private boolean ended;

  private JsonObjects(JsonParser parser, ObjectReader reader) {
    this.parser = parser;
    this.reader = reader;
    this.first = parser.nextToken();
  }

  static JsonObjects of(JsonMapper json, InputStream in) {
    try {
      return new JsonObjects(
          json.createParser(in),
          json.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS));
    } catch (JacksonException e) {
      throw JsonDocuments.notJson(e, "");
    }
  }

  /** Whether they are those of an array. */
  public boolean areListed() {
    return first == JsonToken.START_ARRAY;
  }

  /**
   * The next one; null: there are no more.
   *
   * @throws MillraceException INVALID_ARGUMENT if what follows is none
   */
  public @Nullable ObjectNode next() {
    if (ended || first == null) {
      return null;
    }
    try {
      JsonToken token = areListed() ? parser.nextToken() : first;
      if (areListed() && token == JsonToken.END_ARRAY) {
        requireEnd();
        return null;
      }
      if (token != JsonToken.START_OBJECT
          || !(reader.readTree(parser) instanceof ObjectNode object)) {
        throw invalid("", "expected an object or an array of objects");
      }
      if (!areListed()) {
        requireEnd();
      }
      return object;
    } catch (JacksonException e) {
      throw JsonDocuments.notJson(e, "");
    }
  }

  private void requireEnd() {
    ended = true;
    if (parser.nextToken() != null) {
      throw invalid(
          "", "there is more behind its end; send an object a line as application/x-ndjson");
    }
  }

  @Override
  public void close() {
    parser.close();
  }
}
