package io.millrace.inference.generate;

import io.millrace.inference.InferenceProperties;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Turns what clients send into a checked {@link CompletionSpec}; one set of rules for REST and
 * gRPC.
 */
@Component
public class SpecBuilder {

  private static final int MOST_STOPS = 4;
  private static final int LONGEST_STOP = 256;
  private static final int MOST_TOKENS = 1 << 20;

  private final InferenceProperties properties;

  SpecBuilder(InferenceProperties properties) {
    this.properties = properties;
  }

  /**
   * Values as a client sends them, null where it does not.
   *
   * @param promptName how the client spells the prompt, for errors
   * @param maxTokensName how the client spells the limit, for errors
   * @param echo text to give out before the completion
   * @param ends tokens that end the completion besides the end of a document
   */
  public record Wishes(
      String promptName,
      @Nullable Integer maxTokens,
      String maxTokensName,
      @Nullable Double temperature,
      @Nullable Double topP,
      @Nullable Integer topK,
      @Nullable Long seed,
      String echo,
      List<String> stop,
      int... ends) {}

  /**
   * Checks everything.
   *
   * @param context tokens that the model can have in view, prompt and completion together
   * @throws MillraceException INVALID_ARGUMENT or CONTEXT_LENGTH_EXCEEDED
   */
  public CompletionSpec build(int context, int[] prompt, Wishes wishes) {
    if (prompt.length == 0) {
      throw MillraceException.invalid(wishes.promptName(), "the prompt is empty");
    }
    if (prompt.length >= context) {
      throw tooLong(
          wishes.promptName(),
          "the prompt has %d tokens; the model's context is %d, completion included"
              .formatted(prompt.length, context));
    }
    Integer wanted = wishes.maxTokens();
    int maxTokens =
        wanted == null ? Math.min(properties.defaultMaxTokens(), context - prompt.length) : wanted;
    if (maxTokens < 1) {
      throw MillraceException.invalid(
          wishes.maxTokensName(),
          wishes.maxTokensName() + " must be at least 1, it is " + maxTokens);
    }
    if (maxTokens > context - prompt.length) {
      throw tooLong(
          wishes.maxTokensName(),
          "%d prompt tokens and %d to generate do not fit the model's context of %d tokens"
              .formatted(prompt.length, maxTokens, context));
    }
    if (wishes.stop().size() > MOST_STOPS) {
      throw MillraceException.invalid("stop", "stop may have up to " + MOST_STOPS + " texts");
    }
    for (String stop : wishes.stop()) {
      if (stop.isEmpty() || stop.length() > LONGEST_STOP) {
        throw MillraceException.invalid(
            "stop", "a stop text has 1 to " + LONGEST_STOP + " characters");
      }
    }
    return new CompletionSpec(
        prompt, maxTokens, sampling(wishes), wishes.echo(), wishes.stop(), wishes.ends());
  }

  /**
   * The choices of one request, if they are not too much together: tokens that a slow client has
   * not read yet wait in memory.
   *
   * @throws MillraceException INVALID_ARGUMENT
   */
  public static List<CompletionSpec> bounded(List<CompletionSpec> choices) {
    long tokens = choices.stream().mapToLong(CompletionSpec::maxTokens).sum();
    if (choices.size() > 1 && tokens > MOST_TOKENS) {
      throw MillraceException.invalid(
          "max_tokens",
          "%d prompts ask for up to %d tokens, more than %d: send fewer prompts at a time, or a smaller max_tokens"
              .formatted(choices.size(), tokens, MOST_TOKENS));
    }
    return choices;
  }

  private static MillraceException tooLong(String parameter, String message) {
    return new MillraceException(ErrorCode.CONTEXT_LENGTH_EXCEEDED, message, parameter, null);
  }

  private static SamplingSettings sampling(Wishes wishes) {
    double temperature = orElse(wishes.temperature(), 1.0);
    double topP = orElse(wishes.topP(), 1.0);
    Integer topK = wishes.topK();
    Long seed = wishes.seed();
    if (!(temperature >= 0 && temperature <= 2)) {
      throw MillraceException.invalid(
          "temperature", "temperature must be 0 to 2, it is " + temperature);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw MillraceException.invalid(
          "top_p", "top_p must be above 0 and at most 1, it is " + topP);
    }
    if (topK != null && topK < 0) {
      throw MillraceException.invalid("top_k", "top_k must not be negative, it is " + topK);
    }
    return new SamplingSettings(
        temperature,
        topP,
        topK == null ? 0 : topK,
        seed == null ? ThreadLocalRandom.current().nextLong() : seed);
  }

  private static double orElse(@Nullable Double value, double otherwise) {
    return value == null ? otherwise : value;
  }
}
