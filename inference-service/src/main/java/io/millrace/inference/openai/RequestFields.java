package io.millrace.inference.openai;

import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads fields that have more than one form. */
final class RequestFields {

  private static final int MOST_PROMPT_TOKENS = 1 << 20;

  /** Where a client's cache of prompts may end changes no answer. */
  private static final Set<String> PART_FIELDS = Set.of("type", "text", "cache_control");

  private RequestFields() {}

  static String model(@Nullable String model) {
    if (model == null || model.isEmpty()) {
      throw MillraceException.invalid("model", "model is missing");
    }
    return model;
  }

  static void onlyOne(String field, @Nullable Integer number) {
    if (number != null && number != 1) {
      throw MillraceException.invalid(field, field + " can only be 1, it is " + number);
    }
  }

  /** Refuses any value. */
  static void absent(String field, @Nullable JsonNode value) {
    if (value != null && !value.isNull()) {
      throw unsupported(field);
    }
  }

  /** Refuses any value that is not null, false, 0 or empty. */
  static void onlyNeutral(String field, @Nullable JsonNode value) {
    boolean neutral =
        value == null
            || value.isNull()
            || (value.isBoolean() && !value.asBoolean())
            || (value.isNumber() && value.asDouble() == 0)
            || (value.isString() && value.asString().isEmpty())
            || (value.isContainer() && value.isEmpty());
    if (!neutral) {
      throw unsupported(field);
    }
  }

  /** Refuses any number but one. */
  static void onlyOne(String field, @Nullable JsonNode number) {
    boolean one = number != null && number.isNumber() && number.asDouble() == 1;
    if (number != null && !number.isNull() && !one) {
      throw MillraceException.invalid(field, field + " can only be 1, it is " + number);
    }
  }

  /** Refuses any value but null and those texts. */
  static void only(String field, @Nullable JsonNode value, String... allowed) {
    boolean good = value != null && value.isString() && List.of(allowed).contains(value.asString());
    if (value != null && !value.isNull() && !good) {
      throw MillraceException.invalid(
          field,
          "%s can only be %s, it is %s".formatted(field, String.join(" or ", allowed), value));
    }
  }

  static MillraceException unsupported(String field) {
    return MillraceException.invalid(field, field + " is not supported: leave it out");
  }

  /** A text, or the texts of a list of parts of type text, one behind the other. */
  static String text(String field, @Nullable JsonNode content) {
    if (content != null && content.isString()) {
      return content.asString();
    }
    if (content == null || !content.isArray()) {
      throw MillraceException.invalid(field, field + " must be a text or a list of text parts");
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      Set<String> others = new TreeSet<>(part.propertyNames());
      others.removeAll(PART_FIELDS);
      if (!part.path("type").asString("").equals("text")
          || !part.path("text").isString()
          || !others.isEmpty()) {
        throw MillraceException.invalid(
            field, field + " may only have parts like {\"type\": \"text\", \"text\": \"...\"}");
      }
      text.append(part.path("text").asString());
    }
    return text.toString();
  }

  /** No text, one, or a list of texts. */
  static List<String> stop(@Nullable JsonNode stop) {
    List<String> texts = new ArrayList<>();
    if (stop == null || stop.isNull()) {
      return texts;
    }
    if (stop.isString()) {
      texts.add(stop.asString());
      return texts;
    }
    for (JsonNode text : stop) {
      if (!text.isString()) {
        throw MillraceException.invalid("stop", "stop must be a text or a list of texts");
      }
      texts.add(text.asString());
    }
    if (!stop.isArray()) {
      throw MillraceException.invalid("stop", "stop must be a text or a list of texts");
    }
    return texts;
  }

  /** Token ids, checked against a vocabulary. */
  static int[] ids(String field, JsonNode list, Tokenizer tokenizer) {
    if (list.size() > MOST_PROMPT_TOKENS) {
      throw MillraceException.invalid(field, field + " has too many tokens");
    }
    int[] ids = new int[list.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = list.path(i);
      if (!id.isInt() || !tokenizer.isToken(id.asInt())) {
        throw MillraceException.invalid(
            field,
            "%s[%d] is %s, not a token id from 0 to %d"
                .formatted(field, i, id, tokenizer.vocabSize() - 1));
      }
      ids[i] = id.asInt();
    }
    return ids;
  }
}
