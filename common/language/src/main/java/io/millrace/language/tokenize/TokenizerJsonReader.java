package io.millrace.language.tokenize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads Hugging Face's {@code tokenizer.json}, as far as byte-level BPE goes; whatever else a file
 * asks for is refused by name, never ignored.
 */
final class TokenizerJsonReader {

  /** DeepSeek-V3's file is 8 MB. */
  private static final int MAX_ID = 1 << 22;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxStringLength(1 << 20)
                          .maxDocumentLength(Tokenizer.MAX_BYTES)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .build();

  private TokenizerJsonReader() {}

  static TokenizerSpec read(byte[] json) {
    if (json.length > Tokenizer.MAX_BYTES) {
      throw new InvalidTokenizerException("larger than " + (Tokenizer.MAX_BYTES >> 20) + " MiB");
    }
    try {
      JsonNode root = JSON.readTree(json);
      requireObject(root, "the file");
      for (String key : List.of("truncation", "padding")) {
        require(absent(root.path(key)), key + " is not supported; it must be null");
      }
      JsonNode model = root.path("model");
      checkModel(model);
      Map<String, Integer> vocabulary = vocabulary(model.path("vocab"));
      List<TokenizerSpec.AddedToken> added = added(root.path("added_tokens"));
      Set<Integer> ids = ids(vocabulary, added);
      PostProcessorJson post = PostProcessorJson.read(root.path("post_processor"), ids);
      checkDecoder(root.path("decoder"));
      return new TokenizerSpec(
          vocabulary,
          merges(model.path("merges")),
          added,
          normalizes(root.path("normalizer"), "normalizer"),
          PreTokenizerJson.read(root.path("pre_tokenizer")),
          post.prefix(),
          post.suffix());
    } catch (JacksonException e) {
      throw new InvalidTokenizerException("not readable JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static void checkModel(JsonNode model) {
    requireObject(model, "model");
    String type = model.path("type").asString("BPE");
    require(type.equals("BPE"), "model.type is " + type + "; only byte-level BPE is supported");
    JsonNode dropout = model.path("dropout");
    require(
        dropout.isMissingNode() || dropout.isNull() || dropout.asDouble(1) == 0,
        "model.dropout is not supported");
    for (String key : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      JsonNode value = model.path(key);
      require(
          value.isMissingNode() || value.isNull() || value.asString("x").isEmpty(),
          "model." + key + " is not supported");
    }
    for (String key : List.of("byte_fallback", "ignore_merges")) {
      require(!model.path(key).asBoolean(false), "model." + key + " is not supported");
    }
  }

  private static Map<String, Integer> vocabulary(JsonNode node) {
    requireObject(node, "model.vocab");
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    node.properties()
        .forEach(token -> vocabulary.put(token.getKey(), id(token.getValue(), "model.vocab")));
    require(
        Set.copyOf(vocabulary.values()).size() == vocabulary.size(),
        "model.vocab gives two tokens the same id");
    return vocabulary;
  }

  private static List<TokenizerSpec.Merge> merges(JsonNode node) {
    require(node.isArray(), "model.merges is not a list");
    List<TokenizerSpec.Merge> merges = new ArrayList<>(node.size());
    for (JsonNode merge : node) {
      if (merge.isArray() && merge.size() == 2) {
        merges.add(new TokenizerSpec.Merge(merge.path(0).asString(), merge.path(1).asString()));
      } else {
        String[] parts = merge.asString("").split(" ", -1);
        require(parts.length == 2, "model.merges has " + merge + ", which is not a pair");
        merges.add(new TokenizerSpec.Merge(parts[0], parts[1]));
      }
    }
    return merges;
  }

  private static List<TokenizerSpec.AddedToken> added(JsonNode node) {
    List<TokenizerSpec.AddedToken> added = new ArrayList<>();
    for (JsonNode token : node) {
      String content = token.path("content").asString("");
      require(!content.isEmpty(), "added_tokens has a token without content");
      for (String key : List.of("lstrip", "rstrip", "single_word")) {
        require(
            !token.path(key).asBoolean(false),
            "added token '%s' sets %s, which is not supported".formatted(content, key));
      }
      added.add(
          new TokenizerSpec.AddedToken(
              id(token.path("id"), "added_tokens"),
              content,
              token.path("special").asBoolean(false),
              token.path("normalized").asBoolean(false)));
    }
    return added;
  }

  private static Set<Integer> ids(
      Map<String, Integer> vocabulary, List<TokenizerSpec.AddedToken> added) {
    Map<Integer, String> tokens = new HashMap<>();
    vocabulary.forEach((token, id) -> tokens.put(id, token));
    for (TokenizerSpec.AddedToken token : added) {
      String other = tokens.putIfAbsent(token.id(), token.content());
      require(
          other == null || other.equals(token.content()),
          "added token '%s' has the id %d of '%s'".formatted(token.content(), token.id(), other));
    }
    return tokens.keySet();
  }

  private static boolean normalizes(JsonNode node, String key) {
    if (absent(node)) {
      return false;
    }
    String type = node.path("type").asString("");
    if (type.equals("NFC")) {
      return true;
    }
    require(type.equals("Sequence"), key + " of type " + type + " is not supported");
    boolean found = false;
    for (JsonNode step : node.path("normalizers")) {
      found |= normalizes(step, key);
    }
    return found;
  }

  private static void checkDecoder(JsonNode node) {
    String type = node.path("type").asString("");
    require(type.equals("ByteLevel"), "decoder of type '" + type + "' is not supported");
  }

  static int id(JsonNode node, String where) {
    require(
        node.isInt() && node.asInt() >= 0 && node.asInt() < MAX_ID,
        where + " has the id " + node + ", not a number from 0 to " + (MAX_ID - 1));
    return node.asInt();
  }

  static boolean absent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static void requireObject(JsonNode node, String what) {
    require(node.isObject(), what + " is not an object");
  }

  static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new InvalidTokenizerException(otherwise);
    }
  }
}
