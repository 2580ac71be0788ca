package io.millrace.data.document;

import io.millrace.contracts.data.v1.Chat;
import io.millrace.contracts.data.v1.ChatTurn;
import io.millrace.contracts.data.v1.Continuation;
import io.millrace.language.chat.Role;
import io.millrace.language.chat.Turn;
import java.util.List;

/** What a conversation or a continuation must hold, wherever it comes from. */
public final class ConversationRules {
  private ConversationRules() {}

  /** What is wrong with a conversation; empty if nothing is. */
  public static String faultOf(Chat chat) {
    boolean answered = false;
    for (int i = 0; i < chat.getTurnsCount(); i++) {
      ChatTurn turn = chat.getTurns(i);
      Role role = Role.of(turn.getRole()).orElse(null);
      if (role == null) {
        return "message %d has the role '%s'; roles are system, user and assistant"
            .formatted(i, turn.getRole());
      }
      String fault = TextRules.faultOf(turn.getText());
      if (!fault.isEmpty()) {
        return "message %d is not text: %s".formatted(i, fault);
      }
      answered |= role == Role.ASSISTANT && !turn.getText().isBlank();
    }
    return answered ? "" : "a conversation without an answer of the assistant teaches nothing";
  }

  /** What is wrong with a continuation; empty if nothing is. */
  public static String faultOf(Continuation continuation) {
    String prompt = TextRules.faultOf(continuation.getPrompt());
    if (!prompt.isEmpty()) {
      return "the prompt is not text: " + prompt;
    }
    String completion = TextRules.faultOf(continuation.getCompletion());
    if (!completion.isEmpty()) {
      return "the completion is not text: " + completion;
    }
    if (continuation.getPrompt().isEmpty()) {
      return "the prompt is empty; a text without one is sent as text";
    }
    return continuation.getCompletion().isBlank() ? "the completion is empty" : "";
  }

  /** The turns of a conversation that follows the rules. */
  public static List<Turn> turns(Chat chat) {
    return chat.getTurnsList().stream()
        .map(turn -> new Turn(Role.of(turn.getRole()).orElseThrow(), turn.getText()))
        .toList();
  }
}
