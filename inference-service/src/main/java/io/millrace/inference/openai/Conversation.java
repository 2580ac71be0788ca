package io.millrace.inference.openai;

import io.millrace.inference.runtime.LanguageRuntime;
import io.millrace.language.chat.ChatTemplate;
import io.millrace.language.chat.MissingRoleException;
import io.millrace.language.chat.Role;
import io.millrace.language.chat.Turn;
import io.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages of a chat as the turns of a conversation, and its prompt. */
final class Conversation {

  private Conversation() {}

  /**
   * The prompt.
   *
   * @throws MillraceException INVALID_ARGUMENT; for messages that cannot fit the model's context
   *     before anything is encoded
   */
  static int[] prompt(LanguageRuntime runtime, @Nullable List<ChatRequest.Message> messages) {
    List<Turn> turns = turns(messages);
    // Each turn begins with a token of its own.
    runtime.requireCanFit(
        "messages", turns.stream().mapToLong(turn -> turn.text().length() + 1L).sum());
    try {
      return new ChatTemplate(runtime.tokenizer()).prompt(turns);
    } catch (MissingRoleException e) {
      throw MillraceException.invalid(
          "model",
          "this model cannot chat here, where turns begin with tokens of their roles: "
              + e.getMessage()
              + "; ask for a completion of a prompt in the model's own form");
    }
  }

  private static List<Turn> turns(@Nullable List<ChatRequest.Message> messages) {
    if (messages == null || messages.isEmpty()) {
      throw MillraceException.invalid("messages", "messages must have at least one message");
    }
    List<Turn> turns = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      ChatRequest.Message message = messages.get(i);
      String content = RequestFields.text("messages[%d].content".formatted(i), message.content());
      turns.add(new Turn(role("messages[%d].role".formatted(i), message.role()), content));
    }
    return turns;
  }

  private static Role role(String field, @Nullable String name) {
    return Role.of(String.valueOf(name))
        .orElseThrow(() ->
            MillraceException.invalid(
                field, "role must be system, user or assistant, it is " + name));
  }
}
