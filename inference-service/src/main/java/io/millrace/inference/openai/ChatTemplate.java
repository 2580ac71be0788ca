package io.millrace.inference.openai;

import io.millrace.language.tokenize.SpecialTokens;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.MillraceException;
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

  static int[] prompt(Tokenizer tokenizer, @Nullable List<ChatRequest.Message> messages) {
    if (messages == null || messages.isEmpty()) {
      throw MillraceException.invalid("messages", "messages must have at least one message");
    }
    IntStream ids = IntStream.empty();
    for (int i = 0; i < messages.size(); i++) {
      ChatRequest.Message message = messages.get(i);
      String role = message.role();
      String token = role == null ? null : ROLES.get(role);
      if (token == null) {
        throw MillraceException.invalid(
            "messages[%d].role".formatted(i),
            "role must be system, user or assistant, it is " + role);
      }
      String content = RequestFields.text("messages[%d].content".formatted(i), message.content());
      ids =
          IntStream.concat(
              ids,
              IntStream.concat(
                  IntStream.of(id(tokenizer, token)), IntStream.of(tokenizer.encode(content))));
    }
    return IntStream.concat(ids, IntStream.of(id(tokenizer, SpecialTokens.ASSISTANT))).toArray();
  }

  private static int id(Tokenizer tokenizer, String token) {
    return tokenizer
        .added(token)
        .orElseThrow(() ->
            MillraceException.invalid(
                "model", "this model's tokenizer has no " + token + ": it cannot chat"));
  }
}
