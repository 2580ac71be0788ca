package io.millrace.data.document;

import static io.millrace.data.document.JsonFields.invalid;
import static io.millrace.data.document.JsonFields.requireKnown;
import static io.millrace.data.document.JsonFields.string;

import io.millrace.contracts.data.v1.Chat;
import io.millrace.contracts.data.v1.ChatTurn;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the messages of a conversation. What would change what is learned is refused by name. */
final class ChatMessages {
  private static final Set<String> MESSAGE = Set.of("role", "content", "name", "weight");
  private static final Set<String> SHARED = Set.of("from", "value");

  /** ShareGPT's names of roles. */
  private static final Map<String, String> SHARED_ROLES =
      Map.of(
          "human",
          "user",
          "user",
          "user",
          "gpt",
          "assistant",
          "assistant",
          "assistant",
          "system",
          "system");

  private ChatMessages() {}

  /** {@code [{"role", "content"}]}; the role developer is system. */
  static Chat read(@Nullable JsonNode messages, String at) {
    Chat.Builder chat = Chat.newBuilder();
    for (int i = 0; i < requireArray(messages, at).size(); i++) {
      String place = at + "[" + i + "]";
      JsonNode message = requireObject(requireArray(messages, at).get(i), place);
      requireNothingElse(message, place);
      String role = string(message, "role", place + ".");
      chat.addTurns(
          ChatTurn.newBuilder()
              .setRole(role.equals("developer") ? "system" : role)
              .setText(content(message.get("content"), place + ".content")));
    }
    return chat.build();
  }

  /** {@code [{"from", "value"}]}. */
  static Chat readShared(@Nullable JsonNode messages, String at) {
    Chat.Builder chat = Chat.newBuilder();
    for (int i = 0; i < requireArray(messages, at).size(); i++) {
      String place = at + "[" + i + "]";
      JsonNode message = requireObject(requireArray(messages, at).get(i), place);
      requireKnown(message, SHARED, place + ".");
      String from = string(message, "from", place + ".");
      String role = SHARED_ROLES.get(from);
      if (role == null) {
        throw invalid(
            place + ".from",
            "%s.from is '%s'; human, gpt and system are read".formatted(place, from));
      }
      chat.addTurns(
          ChatTurn.newBuilder().setRole(role).setText(string(message, "value", place + ".")));
    }
    return chat.build();
  }

  /** A text, or parts of type text, which are read one behind the other. */
  private static String content(@Nullable JsonNode content, String at) {
    if (content == null || content.isNull()) {
      throw invalid(at, "field '" + at + "' is missing");
    }
    if (content.isString()) {
      return content.stringValue();
    }
    if (!content.isArray()) {
      throw invalid(at, at + " must be a string or an array of parts");
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < content.size(); i++) {
      String place = at + "[" + i + "]";
      JsonNode part = requireObject(content.get(i), place);
      String type = string(part, "type", place + ".");
      if (!type.equals("text")) {
        throw invalid(
            place + ".type",
            "%s is a part of type %s; only text is learned".formatted(place, type));
      }
      text.append(string(part, "text", place + "."));
    }
    return text.toString();
  }

  /** Fields that are null say nothing; a weight of 1 is what every answer has. */
  private static void requireNothingElse(JsonNode message, String at) {
    for (String field : message.propertyNames()) {
      JsonNode value = message.get(field);
      if (!MESSAGE.contains(field) && !value.isNull()) {
        throw invalid(
            at + "." + field, "%s.%s is not learned from: leave it out".formatted(at, field));
      }
      if (field.equals("weight") && !(value.isNumber() && value.doubleValue() == 1)) {
        throw invalid(
            at + ".weight",
            at + ".weight must be 1: every answer of a conversation is learned; split it");
      }
    }
  }

  private static JsonNode requireArray(@Nullable JsonNode node, String at) {
    if (node == null || !node.isArray() || node.isEmpty()) {
      throw invalid(at, at + " must be an array with at least one message");
    }
    return node;
  }

  private static JsonNode requireObject(JsonNode node, String at) {
    if (!node.isObject()) {
      throw invalid(at, at + " must be an object");
    }
    return node;
  }
}
