package io.millrace.language.tokenize;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
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
          .put("normalized", false)
          .put("special", token.special());
    }
    if (spec.normalize()) {
      root.putObject("normalizer").put("type", "NFC");
    } else {
      root.putNull("normalizer");
    }
    ArrayNode steps =
        root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    for (Splitter splitter : spec.preTokenizer().splitters()) {
      ObjectNode step = steps.addObject().put("type", "Split");
      step.putObject("pattern").put("Regex", splitter.pattern().pattern());
      step.put("behavior", splitter.removed() ? "Removed" : "Isolated").put("invert", false);
    }
    byteLevel(steps.addObject(), spec.preTokenizer().prefixSpace());
    writeTemplate(root, spec);
    byteLevel(root.putObject("decoder"), true);
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

  private static void byteLevel(ObjectNode node, boolean prefixSpace) {
    node.put("type", "ByteLevel")
        .put("add_prefix_space", prefixSpace)
        .put("trim_offsets", true)
        .put("use_regex", false);
  }

  private static void writeTemplate(ObjectNode root, TokenizerSpec spec) {
    if (spec.prefix().isEmpty() && spec.suffix().isEmpty()) {
      root.putNull("post_processor");
      return;
    }
    Map<Integer, String> names = new LinkedHashMap<>();
    spec.added().forEach(token -> names.put(token.id(), token.content()));
    ObjectNode post = root.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = post.putArray("single");
    ArrayNode pair = post.putArray("pair");
    ObjectNode special = post.putObject("special_tokens");
    addSpecials(single, special, spec.prefix(), names);
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    addSpecials(single, special, spec.suffix(), names);
    pair.addAll(single);
    pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
  }

  private static void addSpecials(
      ArrayNode template, ObjectNode special, List<Integer> ids, Map<Integer, String> names) {
    for (int id : ids) {
      String name = names.getOrDefault(id, String.valueOf(id));
      template.addObject().putObject("SpecialToken").put("id", name).put("type_id", 0);
      ObjectNode token = special.putObject(name).put("id", name);
      token.putArray("ids").add(id);
      token.putArray("tokens").add(name);
    }
  }
}
