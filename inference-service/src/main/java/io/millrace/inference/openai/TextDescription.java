package io.millrace.inference.openai;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What answers to requests for text look like, for their description: {@link AnswerShape} writes
 * them piece by piece or whole.
 */
final class TextDescription {
  private TextDescription() {}

  /** A completion. */
  @Schema(name = "CompletionAnswer")
  record CompletionAnswer(
      String id,
      String object,
      long created,
      String model,
      String systemFingerprint,
      List<CompletionChoice> choices,
      Usage usage) {}

  /** One of its texts. */
  @Schema(name = "CompletionChoice")
  record CompletionChoice(
      int index,
      String text,
      @Schema(nullable = true, description = "always null") @Nullable Object logprobs,
      @Schema(allowableValues = {"stop", "length"}) String finishReason) {}

  /** An answer in a chat. */
  @Schema(name = "ChatAnswer")
  record ChatAnswer(
      String id,
      String object,
      long created,
      String model,
      String systemFingerprint,
      List<ChatChoice> choices,
      Usage usage) {}

  /** One of its messages. */
  @Schema(name = "ChatChoice")
  record ChatChoice(
      int index,
      ChatMessage message,
      @Schema(nullable = true, description = "always null") @Nullable Object logprobs,
      @Schema(allowableValues = {"stop", "length"}) String finishReason) {}

  /** What the model says. */
  @Schema(name = "ChatMessage")
  record ChatMessage(String role, String content) {}

  /** Numbers of tokens. */
  @Schema(name = "Usage")
  record Usage(int promptTokens, int completionTokens, int totalTokens) {}
}
