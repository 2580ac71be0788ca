package io.millrace.language.tokenize;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes Hugging Face's {@code tokenizer.json} of a byte-level BPE tokenizer. */
final class TokenizerJsonWriter {

  private static final JsonMapper JSON = JsonMapper.shared();

  private TokenizerJsonWriter() {}

  static byte[] write(TokenizerSpec spec) {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (TokenizerSpec.AddedToken token : spec.added()) {
      added
          .addObject()
          .put("id", token.id())
          .put("content", token.content())
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", token.normalized())
          .put("special", token.special());
    }
    if (spec.normalize()) {
      root.putObject("normalizer").put("type", "NFC");
    } else {
      root.putNull("normalizer");
    }
    PreTokenizerJson.write(spec.preTokenizer(), root);
    PostProcessorJson.write(spec, root);
    PreTokenizerJson.byteLevel(
        root.putObject("decoder"), /* prefixSpace= */ true, /* ownPattern= */ false);
    ObjectNode model = root.putObject("model");
    model.put("type", "BPE").putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode vocabulary = model.putObject("vocab");
    // Hugging Face gives an added token that is not in the vocabulary a new id.
    Map<String, Integer> tokens = new LinkedHashMap<>(spec.vocabulary());
    Set<Integer> taken = new HashSet<>(tokens.values());
    for (TokenizerSpec.AddedToken token : spec.added()) {
      if (taken.add(token.id())) {
        tokens.putIfAbsent(token.content(), token.id());
      }
    }
    tokens.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(token -> vocabulary.put(token.getKey(), token.getValue()));
    ArrayNode merges = model.putArray("merges");
    spec.merges().forEach(merge -> merges.addArray().add(merge.left()).add(merge.right()));
    return JSON.writeValueAsBytes(root);
  }
}
