package io.millrace.inference.openai;

import io.millrace.inference.generate.CompletionSpec;
import io.millrace.inference.generate.LanguageRuntime;
import io.millrace.inference.generate.SpecBuilder;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/chat/completions}; fields as in {@link CompletionRequest}.
 *
 * @param messages at least one
 * @param maxCompletionTokens the newer name of {@code maxTokens}; only one of them
 * @param topLogprobs not supported
 * @param tools not supported, so the list must be empty; so with {@code functions}
 * @param toolChoice without tools, none and auto are the same; so with {@code functionCall}
 * @param parallelToolCalls without tools, it changes nothing
 * @param responseFormat only text
 * @param modalities only text
 * @param audio not supported; so with {@code prediction} and {@code webSearchOptions}
 * @param reasoningEffort models do not reason before they answer, so only none
 * @param verbosity only medium, which is how models answer
 * @param safetyIdentifier changes no answer; so with {@code promptCacheKey} and {@code
 *     promptCacheRetention}
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
    @Nullable JsonNode repetitionPenalty,
    @Nullable JsonNode minP,
    @Nullable JsonNode tools,
    @Nullable JsonNode functions,
    @Nullable JsonNode toolChoice,
    @Nullable JsonNode functionCall,
    @Nullable Boolean parallelToolCalls,
    @Nullable ResponseFormat responseFormat,
    @Nullable List<String> modalities,
    @Nullable JsonNode audio,
    @Nullable JsonNode prediction,
    @Nullable JsonNode webSearchOptions,
    @Nullable JsonNode reasoningEffort,
    @Nullable JsonNode verbosity,
    @Nullable JsonNode store,
    @Nullable Map<String, String> metadata,
    @Nullable JsonNode serviceTier,
    @Nullable String user,
    @Nullable String safetyIdentifier,
    @Nullable String promptCacheKey,
    @Nullable String promptCacheRetention,
    @Nullable Boolean stream,
    @Nullable StreamOptions streamOptions)
    implements TextRequest {

  /**
   * One turn. What an answer's message has, all of it may be sent back.
   *
   * @param role system or developer, user, or assistant
   * @param content a text or a list of text parts
   * @param name changes no answer
   * @param refusal not supported, so it must be null or empty, as all that follow
   */
  record Message(
      @Nullable String role,
      @Nullable JsonNode content,
      @Nullable String name,
      @Nullable JsonNode refusal,
      @Nullable JsonNode annotations,
      @Nullable JsonNode audio,
      @Nullable JsonNode functionCall,
      @Nullable JsonNode toolCalls) {

    /**
     * Refuses what would have to be part of the prompt.
     *
     * @param field where the message is, for errors
     */
    void requireSupported(String field) {
      RequestFields.onlyNeutral(field + ".refusal", refusal);
      RequestFields.onlyNeutral(field + ".annotations", annotations);
      RequestFields.onlyNeutral(field + ".audio", audio);
      RequestFields.onlyNeutral(field + ".function_call", functionCall);
      RequestFields.onlyNeutral(field + ".tool_calls", toolCalls);
    }
  }

  /** What the answer looks like; only text. */
  record ResponseFormat(@Nullable String type) {}

  @Override
  public AnswerShape shape() {
    return AnswerShape.CHAT;
  }

  @Override
  public void requireSupported() {
    RequestFields.onlyOne("n", n);
    RequestFields.onlyNeutral("logprobs", logprobs);
    RequestFields.onlyNeutral("top_logprobs", topLogprobs);
    RequestFields.onlyNeutral("logit_bias", logitBias);
    RequestFields.onlyNeutral("frequency_penalty", frequencyPenalty);
    RequestFields.onlyNeutral("presence_penalty", presencePenalty);
    RequestFields.onlyOne("repetition_penalty", repetitionPenalty);
    RequestFields.onlyNeutral("min_p", minP);
    RequestFields.onlyNeutral("tools", tools);
    RequestFields.onlyNeutral("functions", functions);
    RequestFields.only("tool_choice", toolChoice, "none", "auto");
    RequestFields.only("function_call", functionCall, "none", "auto");
    RequestFields.onlyNeutral("audio", audio);
    RequestFields.absent("prediction", prediction);
    RequestFields.absent("web_search_options", webSearchOptions);
    RequestFields.only("reasoning_effort", reasoningEffort, "none");
    RequestFields.only("verbosity", verbosity, "medium");
    RequestFields.onlyNeutral("store", store);
    RequestFields.only("service_tier", serviceTier, "auto", "default");
    if (responseFormat != null && !"text".equals(responseFormat.type())) {
      throw MillraceException.invalid(
          "response_format", "response_format can only be of type text");
    }
    if (modalities != null && !modalities.isEmpty() && !modalities.equals(List.of("text"))) {
      throw MillraceException.invalid("modalities", "modalities can only be [\"text\"]");
    }
    if (maxTokens != null && maxCompletionTokens != null) {
      throw MillraceException.invalid(
          "max_tokens", "max_tokens and max_completion_tokens mean the same; send one of them");
    }
    requireStreamOptions();
  }

  @Override
  public List<CompletionSpec> specs(LanguageRuntime runtime, SpecBuilder builder) {
    Conversation conversation = Conversation.read(runtime, messages);
    SpecBuilder.Wishes wishes =
        new SpecBuilder.Wishes(
            "messages",
            maxCompletionTokens == null ? maxTokens : maxCompletionTokens,
            maxCompletionTokens == null ? "max_tokens" : "max_completion_tokens",
            temperature,
            topP,
            topK,
            seed,
            /* echo= */ "",
            RequestFields.stop(stop),
            conversation.ends());
    return List.of(builder.build(runtime.model().contextLength(), conversation.prompt(), wishes));
  }
}
