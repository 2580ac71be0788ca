package io.millrace.inference.openai;

import io.millrace.platform.error.MillraceException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/chat/completions}; fields as in {@link CompletionRequest}.
 *
 * @param messages at least one
 * @param topLogprobs not supported
 * @param tools not supported, so the list must be empty
 * @param responseFormat only text
 * @param maxCompletionTokens the newer name of {@code maxTokens}; only one of them
 */
record ChatRequest(
    @Nullable String model,
    @Nullable List<Message> messages,
    @Nullable Integer maxTokens,
    @Nullable Integer maxCompletionTokens,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Integer topK,
    @Nullable Long seed,
    @Nullable JsonNode stop,
    @Nullable Integer n,
    @Nullable JsonNode logprobs,
    @Nullable JsonNode topLogprobs,
    @Nullable JsonNode logitBias,
    @Nullable JsonNode frequencyPenalty,
    @Nullable JsonNode presencePenalty,
    @Nullable JsonNode tools,
    @Nullable ResponseFormat responseFormat,
    @Nullable Boolean stream,
    CompletionRequest.@Nullable StreamOptions streamOptions) {

  /** Refuses values that would have to change the answer and do not. */
  void requireSupported() {
    RequestFields.onlyOne("n", n);
    RequestFields.onlyNeutral("logprobs", logprobs);
    RequestFields.onlyNeutral("top_logprobs", topLogprobs);
    RequestFields.onlyNeutral("logit_bias", logitBias);
    RequestFields.onlyNeutral("frequency_penalty", frequencyPenalty);
    RequestFields.onlyNeutral("presence_penalty", presencePenalty);
    RequestFields.onlyNeutral("tools", tools);
    if (responseFormat != null && !"text".equals(responseFormat.type())) {
      throw MillraceException.invalid(
          "response_format", "response_format can only be of type text");
    }
  }

  /** One turn; role is system, user or assistant; content a text or a list of text parts. */
  record Message(@Nullable String role, @Nullable JsonNode content) {}

  /** What the answer looks like; only text. */
  record ResponseFormat(@Nullable String type) {}
}
