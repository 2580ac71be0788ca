package io.millrace.inference.openai;

import io.millrace.inference.embed.TextInput;
import io.millrace.platform.error.MillraceException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/embeddings}; whatever else a client sends is refused.
 *
 * @param model name
 * @param input a text, a list of token ids, or a list of either, which makes a vector for each
 * @param encodingFormat {@code float}, or {@code base64}: float32 little endian; null: float
 * @param dimensions first values of a vector that are wanted; null: all
 * @param user changes no answer
 */
record EmbeddingRequest(
    @Schema(example = "writer") @Nullable String model,
    @Schema(example = "Once upon a time") @Nullable JsonNode input,
    @Schema(allowableValues = {"float", "base64"}) @Nullable String encodingFormat,
    @Nullable Integer dimensions,
    @Nullable String user) {

  private static final String FIELD = "input";

  /** Whether vectors are wanted as base64. */
  boolean isPacked() {
    return switch (encodingFormat) {
      case null -> false;
      case "float" -> false;
      case "base64" -> true;
      default ->
          throw MillraceException.invalid(
              "encoding_format",
              "encoding_format must be float or base64, not '%s'".formatted(encodingFormat));
    };
  }

  /**
   * The texts.
   *
   * @throws MillraceException INVALID_ARGUMENT if it is neither
   */
  List<TextInput> texts() {
    JsonNode given = input;
    if (given == null
        || !(given.isString() || given.isArray())
        || (given.isArray() && given.isEmpty())) {
      throw MillraceException.invalid(
          FIELD, "input must be a text, a list of token ids, or a list of either");
    }
    if (given.isString() || given.path(0).isNumber()) {
      return List.of(one(FIELD, given));
    }
    List<TextInput> texts = new ArrayList<>(given.size());
    for (JsonNode item : given) {
      texts.add(one("%s[%d]".formatted(FIELD, texts.size()), item));
    }
    return texts;
  }

  private static TextInput one(String field, JsonNode item) {
    if (item.isString()) {
      return new TextInput.Written(field, item.asString());
    }
    if (!item.isArray()) {
      throw MillraceException.invalid(field, field + " is neither a text nor a list of token ids");
    }
    int[] ids = new int[item.size()];
    for (int i = 0; i < ids.length; i++) {
      if (!item.path(i).isInt()) {
        throw MillraceException.invalid(
            field, "%s[%d] is %s, not a token id".formatted(field, i, item.path(i)));
      }
      ids[i] = item.path(i).asInt();
    }
    return new TextInput.Tokens(field, ids);
  }
}
