package io.millrace.inference.openai;

import io.millrace.inference.generate.CompletionSpec;
import io.millrace.inference.generate.LanguageRuntime;
import io.millrace.inference.generate.SpecBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/completions}; whatever else a client sends is refused. What is not supported may
 * be there with the value that changes nothing, as some clients send all they know.
 *
 * @param model name
 * @param prompt a text, a list of token ids, or a list of either, which makes a choice for each
 * @param maxTokens of each choice; null: the service's default, or what fits
 * @param temperature null: 1; 0: always the likeliest token
 * @param topP null: 1
 * @param topK null or 0: all
 * @param seed of each choice; null: another one each time
 * @param stop a text or up to four
 * @param n only 1
 * @param bestOf only 1
 * @param echo whether the prompt comes before the completion
 * @param logprobs not supported
 * @param logitBias not supported, so it must be empty
 * @param frequencyPenalty not supported, so it must be 0
 * @param presencePenalty not supported, so it must be 0
 * @param repetitionPenalty not supported, so it must be 1
 * @param minP not supported, so it must be 0
 * @param suffix not supported, so it must be empty
 * @param store nothing is stored, so it must be false
 * @param metadata changes no answer
 * @param serviceTier there is one
 * @param user changes no answer
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
    @Nullable JsonNode repetitionPenalty,
    @Nullable JsonNode minP,
    @Nullable JsonNode suffix,
    @Nullable JsonNode store,
    @Nullable Map<String, String> metadata,
    @Nullable JsonNode serviceTier,
    @Nullable String user,
    @Nullable Boolean stream,
    @Nullable StreamOptions streamOptions)
    implements TextRequest {

  @Override
  public AnswerShape shape() {
    return AnswerShape.COMPLETION;
  }

  @Override
  public void requireSupported() {
    RequestFields.onlyOne("n", n);
    RequestFields.onlyOne("best_of", bestOf);
    // Here even 0 asks for something.
    RequestFields.absent("logprobs", logprobs);
    RequestFields.onlyNeutral("logit_bias", logitBias);
    RequestFields.onlyNeutral("frequency_penalty", frequencyPenalty);
    RequestFields.onlyNeutral("presence_penalty", presencePenalty);
    RequestFields.onlyOne("repetition_penalty", repetitionPenalty);
    RequestFields.onlyNeutral("min_p", minP);
    RequestFields.onlyNeutral("suffix", suffix);
    RequestFields.onlyNeutral("store", store);
    RequestFields.only("service_tier", serviceTier, "auto", "default");
    requireStreamOptions();
  }

  @Override
  public List<CompletionSpec> specs(LanguageRuntime runtime, SpecBuilder builder) {
    List<String> stops = RequestFields.stop(stop);
    List<CompletionSpec> specs = new ArrayList<>();
    for (Prompt read : Prompt.read(runtime, prompt)) {
      SpecBuilder.Wishes wishes =
          new SpecBuilder.Wishes(
              read.field(),
              maxTokens,
              "max_tokens",
              temperature,
              topP,
              topK,
              seed,
              Boolean.TRUE.equals(echo) ? read.text() : "",
              stops);
      specs.add(builder.build(runtime.model().contextLength(), read.ids(), wishes));
    }
    return SpecBuilder.bounded(specs);
  }
}
