package io.millrace.inference.openai;

import io.millrace.inference.generate.LanguageRuntime;
import io.millrace.language.chat.ChatTemplate;
import io.millrace.language.chat.MissingRoleException;
import io.millrace.language.chat.Role;
import io.millrace.language.chat.Turn;
import io.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a chat as a prompt.
 *
 * @param prompt token ids, the invitation to answer last
 * @param ends tokens that end the answer
 */
record Conversation(int[] prompt, int[] ends) {

  /** OpenAI's newer name of the system. */
  private static final String DEVELOPER = "developer";

  /**
   * Reads the messages of a request.
   *
   * @throws MillraceException INVALID_ARGUMENT; for messages that cannot fit the model's context
   *     before anything is encoded
   */
  static Conversation read(LanguageRuntime runtime, @Nullable List<ChatRequest.Message> messages) {
    List<Turn> turns = turns(messages);
    // Each turn begins with a token of its own.
    runtime.requireCanFit(
        "messages", turns.stream().mapToLong(turn -> turn.text().length() + 1L).sum());
    ChatTemplate template = new ChatTemplate(runtime.tokenizer());
    try {
      return new Conversation(template.prompt(turns), template.endsOfAnswers());
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
      String field = "messages[%d]".formatted(i);
      String content = RequestFields.text(field + ".content", message.content());
      message.requireSupported(field);
      turns.add(new Turn(role(field + ".role", message.role()), content));
    }
    return turns;
  }

  private static Role role(String field, @Nullable String name) {
    return DEVELOPER.equals(name)
        ? Role.SYSTEM
        : Optional.ofNullable(name)
            .flatMap(Role::of)
            .orElseThrow(() ->
                MillraceException.invalid(
                    field, "role must be system or developer, user, or assistant, it is " + name));
  }
}
