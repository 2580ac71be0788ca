package io.millrace.language.tokenize;

import static io.millrace.language.tokenize.TokenizerJsonReader.absent;
import static io.millrace.language.tokenize.TokenizerJsonReader.id;
import static io.millrace.language.tokenize.TokenizerJsonReader.require;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The key {@code post_processor}: what goes around a text.
 *
 * @param prefix ids in front
 * @param suffix ids behind
 */
record PostProcessorJson(List<Integer> prefix, List<Integer> suffix) {

  /**
   * Reads it.
   *
   * @param known ids of all tokens
   */
  static PostProcessorJson read(JsonNode node, Set<Integer> known) {
    PostProcessorJson read = new PostProcessorJson(new ArrayList<>(), new ArrayList<>());
    if (!absent(node)) {
      read.add(node, known);
    }
    return read;
  }

  private void add(JsonNode node, Set<Integer> known) {
    String type = node.path("type").asString("");
    switch (type) {
      // ByteLevel only moves offsets, which are not kept here.
      case "ByteLevel" -> {}
      case "Sequence" -> node.path("processors").forEach(step -> add(step, known));
      case "TemplateProcessing" -> {
        List<Integer> target = prefix;
        for (JsonNode part : node.path("single")) {
          if (part.has("Sequence")) {
            target = suffix;
          } else {
            String name = part.path("SpecialToken").path("id").asString("");
            target.addAll(ids(node.path("special_tokens").path(name), name, known));
          }
        }
      }
      default ->
          throw new InvalidTokenizerException(
              "post_processor of type '" + type + "' is not supported");
    }
  }

  private static List<Integer> ids(JsonNode special, String name, Set<Integer> known) {
    JsonNode list = special.path("ids");
    require(
        list.isArray() && !list.isEmpty(),
        "post_processor names the special token '%s', whose ids are not among its special_tokens"
            .formatted(name));
    List<Integer> ids = new ArrayList<>();
    for (JsonNode node : list) {
      int id = id(node, "post_processor");
      require(
          known.contains(id),
          "post_processor has the id %d of '%s', which no token has".formatted(id, name));
      ids.add(id);
    }
    return ids;
  }

  static void write(TokenizerSpec spec, ObjectNode root) {
    if (spec.prefix().isEmpty() && spec.suffix().isEmpty()) {
      root.putNull("post_processor");
      return;
    }
    Map<Integer, String> names = new LinkedHashMap<>();
    spec.vocabulary().forEach((token, id) -> names.put(id, token));
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
