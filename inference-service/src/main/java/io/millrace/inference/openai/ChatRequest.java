package io.millrace.inference.openai;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/chat/completions}; fields as in {@link CompletionRequest}.
 *
 * @param messages at least one
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
    @Nullable Boolean stream,
    CompletionRequest.@Nullable StreamOptions streamOptions) {

  /** One turn; role is system, user or assistant. */
  record Message(@Nullable String role, @Nullable String content) {}
}
