package io.millrace.inference.openai;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/completions}; whatever else a client sends is refused.
 *
 * @param model name
 * @param prompt a text, or a list of token ids
 * @param maxTokens null: the service's default, or what fits
 * @param temperature null: 1; 0: always the likeliest token
 * @param topP null: 1
 * @param topK null or 0: all
 * @param seed null: another one each time
 * @param stop a text or up to four
 * @param n only 1
 * @param stream whether the answer comes piece by piece
 * @param streamOptions only with {@code stream}
 */
record CompletionRequest(
    @Nullable String model,
    @Nullable JsonNode prompt,
    @Nullable Integer maxTokens,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Integer topK,
    @Nullable Long seed,
    @Nullable JsonNode stop,
    @Nullable Integer n,
    @Nullable Boolean stream,
    @Nullable StreamOptions streamOptions) {

  /** Whether a last chunk tells the numbers of tokens. */
  record StreamOptions(@Nullable Boolean includeUsage) {}
}
