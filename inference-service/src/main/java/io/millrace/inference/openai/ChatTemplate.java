package io.millrace.inference.openai;

import io.millrace.inference.runtime.LanguageRuntime;
import io.millrace.language.tokenize.SpecialTokens;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How a conversation becomes a prompt: each turn is its role's special token and its text, and the
 * assistant's token invites the answer. What people write never becomes a special token.
 */
final class ChatTemplate {

  private static final Map<String, String> ROLES =
      Map.of(
          "system", SpecialTokens.SYSTEM,
          "user", SpecialTokens.USER,
          "assistant", SpecialTokens.ASSISTANT);

  private ChatTemplate() {}

  /**
   * The prompt.
   *
   * @throws MillraceException INVALID_ARGUMENT; for messages that cannot fit the model's context
   *     before anything is encoded
   */
  static int[] prompt(LanguageRuntime runtime, @Nullable List<ChatRequest.Message> messages) {
    if (messages == null || messages.isEmpty()) {
      throw MillraceException.invalid("messages", "messages must have at least one message");
    }
    Tokenizer tokenizer = runtime.tokenizer();
    List<String> contents = new ArrayList<>();
    long characters = 0;
    for (int i = 0; i < messages.size(); i++) {
      String content =
          RequestFields.text("messages[%d].content".formatted(i), messages.get(i).content());
      contents.add(content);
      // Each begins with a token of its own.
      characters += content.length() + 1;
    }
    runtime.requireCanFit("messages", characters);
    IntStream.Builder ids = IntStream.builder();
    for (int i = 0; i < messages.size(); i++) {
      ChatRequest.Message message = messages.get(i);
      String role = message.role();
      String token = role == null ? null : ROLES.get(role);
      if (token == null) {
        throw MillraceException.invalid(
            "messages[%d].role".formatted(i),
            "role must be system, user or assistant, it is " + role);
      }
      ids.add(id(tokenizer, token));
      for (int id : tokenizer.encode(contents.get(i))) {
        ids.add(id);
      }
    }
    return ids.add(id(tokenizer, SpecialTokens.ASSISTANT)).build().toArray();
  }

  private static int id(Tokenizer tokenizer, String token) {
    return tokenizer
        .added(token)
        .orElseThrow(() ->
            MillraceException.invalid(
                "model",
                "this model's tokenizer has no "
                    + token
                    + ": it cannot chat here, where turns begin with tokens of their roles; ask for"
                    + " a completion of a prompt in the model's own form"));
  }
}
