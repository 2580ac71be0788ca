package io.millrace.language.tokenize;

import static io.millrace.language.tokenize.TokenizerJsonReader.absent;
import static io.millrace.language.tokenize.TokenizerJsonReader.require;

import io.millrace.language.tokenize.Splitter.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The key {@code pre_tokenizer}; every step is written as it was read. */
final class PreTokenizerJson {

  private static final int MAX_PATTERN = 10_000;

  private final List<Splitter> splitters = new ArrayList<>();
  private boolean byteLevel;
  private boolean prefixSpace;

  private PreTokenizerJson() {}

  static PreTokenizer read(JsonNode node) {
    require(!absent(node), "pre_tokenizer is missing; byte-level BPE needs one");
    PreTokenizerJson read = new PreTokenizerJson();
    read.add(node);
    require(read.byteLevel, "pre_tokenizer has no ByteLevel step: it is not byte-level");
    return new PreTokenizer(List.copyOf(read.splitters), read.prefixSpace);
  }

  static void write(PreTokenizer preTokenizer, ObjectNode root) {
    ArrayNode steps =
        root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    boolean ownPattern = false;
    for (Splitter splitter : preTokenizer.splitters()) {
      switch (splitter.source()) {
        case Source.Regex own -> split(steps, splitter, "Regex", own.regex());
        case Source.Literal own -> split(steps, splitter, "String", own.text());
        case Source.Digits own ->
            steps.addObject().put("type", "Digits").put("individual_digits", own.individual());
        case Source.ByteLevel _ -> ownPattern = true;
      }
    }
    byteLevel(steps.addObject(), preTokenizer.prefixSpace(), ownPattern);
  }

  /** A ByteLevel step, which is a pre-tokenizer and a decoder. */
  static void byteLevel(ObjectNode node, boolean prefixSpace, boolean ownPattern) {
    node.put("type", "ByteLevel")
        .put("add_prefix_space", prefixSpace)
        .put("trim_offsets", true)
        .put("use_regex", ownPattern);
  }

  private static void split(ArrayNode steps, Splitter splitter, String kind, String text) {
    ObjectNode step = steps.addObject().put("type", "Split");
    step.putObject("pattern").put(kind, text);
    step.put("behavior", splitter.removed() ? "Removed" : "Isolated").put("invert", false);
  }

  private void add(JsonNode node) {
    String type = node.path("type").asString("");
    // What it leaves are letters that stand for bytes.
    require(
        !byteLevel || type.equals("Sequence"),
        "pre_tokenizer: a step of type '" + type + "' behind ByteLevel is not supported");
    switch (type) {
      case "Sequence" -> node.path("pretokenizers").forEach(this::add);
      case "Split" -> splitters.add(split(node));
      case "Digits" ->
          splitters.add(
              Splitter.of(
                  new Source.Digits(node.path("individual_digits").asBoolean(false)),
                  /* removed= */ false));
      case "ByteLevel" -> {
        byteLevel = true;
        prefixSpace = node.path("add_prefix_space").asBoolean(true);
        require(
            !prefixSpace || splitters.isEmpty(),
            "pre_tokenizer: add_prefix_space behind a split is not supported");
        if (node.path("use_regex").asBoolean(true)) {
          splitters.add(Splitter.of(new Source.ByteLevel(), /* removed= */ false));
        }
      }
      default ->
          throw new InvalidTokenizerException(
              "pre_tokenizer of type '" + type + "' is not supported");
    }
  }

  private static Splitter split(JsonNode node) {
    require(!node.path("invert").asBoolean(false), "pre_tokenizer: invert is not supported");
    String behavior = node.path("behavior").asString("");
    require(
        behavior.equals("Isolated") || behavior.equals("Removed"),
        "pre_tokenizer: behavior " + behavior + " is not supported");
    JsonNode pattern = node.path("pattern");
    boolean literal = pattern.has("String");
    String text = pattern.path(literal ? "String" : "Regex").asString("");
    require(
        !text.isEmpty() && text.length() <= MAX_PATTERN,
        "pre_tokenizer: a pattern must have 1 to " + MAX_PATTERN + " characters");
    try {
      return Splitter.of(
          literal ? new Source.Literal(text) : new Source.Regex(text), behavior.equals("Removed"));
    } catch (PatternSyntaxException e) {
      throw new InvalidTokenizerException(
          "pre_tokenizer: a pattern is not understood: " + e.getDescription(), e);
    }
  }
}
