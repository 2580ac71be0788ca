package io.millrace.inference.openai;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/completions}; whatever else a client sends is refused. What is not supported may
 * be there with the value that changes nothing, as some clients send all they know.
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
 * @param bestOf only 1
 * @param echo whether the prompt comes before the completion
 * @param logprobs not supported
 * @param logitBias not supported, so it must be empty
 * @param frequencyPenalty not supported, so it must be 0
 * @param presencePenalty not supported, so it must be 0
 * @param suffix not supported, so it must be empty
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
    @Nullable Integer bestOf,
    @Nullable Boolean echo,
    @Nullable JsonNode logprobs,
    @Nullable JsonNode logitBias,
    @Nullable JsonNode frequencyPenalty,
    @Nullable JsonNode presencePenalty,
    @Nullable JsonNode suffix,
    @Nullable Boolean stream,
    @Nullable StreamOptions streamOptions) {

  /** Refuses values that would have to change the answer and do not. */
  void requireSupported() {
    RequestFields.onlyOne("n", n);
    RequestFields.onlyOne("best_of", bestOf);
    // Here even 0 asks for something.
    RequestFields.absent("logprobs", logprobs);
    RequestFields.onlyNeutral("logit_bias", logitBias);
    RequestFields.onlyNeutral("frequency_penalty", frequencyPenalty);
    RequestFields.onlyNeutral("presence_penalty", presencePenalty);
    RequestFields.onlyNeutral("suffix", suffix);
  }

  /** Whether a last chunk tells the numbers of tokens. */
  record StreamOptions(@Nullable Boolean includeUsage) {}
}
