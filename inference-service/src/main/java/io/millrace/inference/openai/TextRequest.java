package io.millrace.inference.openai;

import io.millrace.inference.generate.CompletionSpec;
import io.millrace.inference.generate.LanguageRuntime;
import io.millrace.inference.generate.SpecBuilder;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request for text has, whatever form its prompt has. */
sealed interface TextRequest permits CompletionRequest, ChatRequest {

  @Nullable String model();

  @Nullable Boolean stream();

  @Nullable StreamOptions streamOptions();

  /** The JSON of the answer. */
  AnswerShape shape();

  /** Refuses values that would have to change the answer and do not. */
  void requireSupported();

  /**
   * A choice for each prompt, checked for a model.
   *
   * @throws MillraceException INVALID_ARGUMENT or CONTEXT_LENGTH_EXCEEDED
   */
  List<CompletionSpec> specs(LanguageRuntime runtime, SpecBuilder builder);

  /**
   * How a stream is written.
   *
   * @param includeUsage whether a last chunk tells the numbers of tokens
   * @param includeObfuscation not supported, so it must be false
   */
  record StreamOptions(@Nullable Boolean includeUsage, @Nullable Boolean includeObfuscation) {}

  /** Whether the answer comes piece by piece. */
  default boolean streams() {
    return Boolean.TRUE.equals(stream());
  }

  /** Whether the numbers of tokens are wanted at the end of a stream. */
  default boolean usage() {
    StreamOptions options = streamOptions();
    return options != null && Boolean.TRUE.equals(options.includeUsage());
  }

  /** Refuses options of a stream that cannot be met. */
  default void requireStreamOptions() {
    StreamOptions options = streamOptions();
    if (options == null) {
      return;
    }
    if (!streams()) {
      throw MillraceException.invalid("stream_options", "stream_options needs stream to be true");
    }
    if (Boolean.TRUE.equals(options.includeObfuscation())) {
      throw RequestFields.unsupported("stream_options.include_obfuscation");
    }
  }
}
