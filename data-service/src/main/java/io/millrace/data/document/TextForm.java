package io.millrace.data.document;

import static io.millrace.data.document.JsonFields.invalid;
import static io.millrace.data.document.JsonFields.string;

import io.millrace.contracts.data.v1.Chat;
import io.millrace.contracts.data.v1.ChatTurn;
import io.millrace.contracts.data.v1.Continuation;
import io.millrace.contracts.data.v1.Document;
import io.millrace.language.chat.Role;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The forms in which people keep texts as JSON objects, told apart by the field that each must
 * have. Where an object has the fields of several, the first of these counts.
 */
public enum TextForm {
  /** {@code {"text"}}. */
  TEXT("text") {
    @Override
    void read(JsonNode node, Document.Builder document) {
      document.setText(string(node, "text", ""));
    }
  },
  /** {@code {"messages": [{"role", "content"}]}}, as OpenAI and Hugging Face have it. */
  MESSAGES("messages") {
    @Override
    void read(JsonNode node, Document.Builder document) {
      document.setChat(ChatMessages.read(node.get("messages"), "messages"));
    }
  },
  /** {@code {"conversations": [{"from": "human"|"gpt"|"system", "value"}]}}, as ShareGPT has it. */
  CONVERSATIONS("conversations") {
    @Override
    void read(JsonNode node, Document.Builder document) {
      document.setChat(ChatMessages.readShared(node.get("conversations"), "conversations"));
    }
  },
  /** {@code {"question", "answer"}}. */
  QUESTION("question", "answer") {
    @Override
    void read(JsonNode node, Document.Builder document) {
      document.setChat(exchange(string(node, "question", ""), string(node, "answer", "")));
    }
  },
  /** {@code {"prompt", "completion"}}: a text, of which the completion is learned. */
  PROMPT("prompt", "completion") {
    @Override
    void read(JsonNode node, Document.Builder document) {
      document.setContinuation(
          Continuation.newBuilder()
              .setPrompt(string(node, "prompt", ""))
              .setCompletion(string(node, "completion", "")));
    }
  },
  /** {@code {"instruction", "input"?, "output"}}, as Alpaca has it. */
  INSTRUCTION("instruction", "output", "input") {
    @Override
    void read(JsonNode node, Document.Builder document) {
      String instruction = string(node, "instruction", "");
      String input = node.has("input") ? string(node, "input", "") : "";
      String question = input.isBlank() ? instruction : instruction + "\n\n" + input;
      document.setChat(exchange(question, string(node, "output", "")));
    }
  };

  private final String sign;
  private final Set<String> fields;

  TextForm(String sign, String... others) {
    this.sign = sign;
    this.fields =
        Stream.concat(Stream.of("id", sign), Arrays.stream(others))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Reads the object's content into the document. */
  abstract void read(JsonNode node, Document.Builder document);

  /** Fields of the form, the id among them. */
  Set<String> fields() {
    return fields;
  }

  /** The form of an object; empty if it is none of these. */
  static Optional<TextForm> of(JsonNode node) {
    return ofFields(node.propertyNames());
  }

  /** The form of an object with these fields; empty if it is none of these. */
  public static Optional<TextForm> ofFields(Collection<String> fields) {
    return Arrays.stream(values()).filter(form -> fields.contains(form.sign)).findFirst();
  }

  /** All forms in words, for a caller whose object is of none. */
  static String all() {
    return Arrays.stream(values()).map(form -> form.sign).collect(Collectors.joining(", "));
  }

  private static Chat exchange(String question, String answer) {
    if (question.isBlank()) {
      throw invalid("question", "the question is empty");
    }
    return Chat.newBuilder()
        .addTurns(turn(Role.USER, question))
        .addTurns(turn(Role.ASSISTANT, answer))
        .build();
  }

  private static ChatTurn turn(Role role, String text) {
    return ChatTurn.newBuilder().setRole(role.label()).setText(text).build();
  }
}
