package io.millrace.inference.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.inference.InferenceProperties;
import io.millrace.inference.generate.SpecBuilder.Wishes;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpecBuilderTest {
  private static final int CONTEXT = 100;
  private static final Wish NOTHING = new Wish();
  private final SpecBuilder specs =
      new SpecBuilder(
          new InferenceProperties(
              List.of(), 1, 1, 1, 40, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO));

  @Test
  void takesDefaultsForWhatIsNotSaid() {
    CompletionSpec spec = build(10, NOTHING);

    assertThat(spec.maxTokens()).isEqualTo(40);
    assertThat(spec.sampling().temperature()).isEqualTo(1);
    assertThat(spec.sampling().topP()).isEqualTo(1);
    assertThat(spec.sampling().topK()).isZero();
    assertThat(spec.stop()).isEmpty();
    assertThat(build(10, NOTHING).sampling().seed()).isNotEqualTo(spec.sampling().seed());
  }

  @Test
  void cutsOnlyTheDefaultToWhatFits() {
    assertThat(build(70, NOTHING).maxTokens()).isEqualTo(30);
    assertThat(build(70, new Wish().tokens(30)).maxTokens()).isEqualTo(30);
    requireTooLong(70, new Wish().tokens(31), "max_tokens", "70 prompt tokens and 31");
  }

  @Test
  void refusesPromptsThatAreEmptyOrFillTheContext() {
    assertThat(build(99, NOTHING).maxTokens()).isEqualTo(1);
    requireTooLong(100, NOTHING, "prompt", "100 tokens; the model's context is 100");
    requireInvalid(0, NOTHING, "prompt", "empty");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void refusesLimitsBelowOne(int tokens) {
    requireInvalid(10, new Wish().tokens(tokens), "max_tokens", "at least 1");
  }

  @Test
  void doesNotOverflow() {
    requireTooLong(10, new Wish().tokens(Integer.MAX_VALUE), "max_tokens", "do not fit");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 2.1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesTemperatures(double temperature) {
    requireInvalid(10, new Wish().temperature(temperature), "temperature", "0 to 2");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 1.1, Double.NaN})
  void refusesTopP(double topP) {
    requireInvalid(10, new Wish().topP(topP), "top_p", "above 0 and at most 1");
  }

  @Test
  void keepsWhatIsAtTheEdge() {
    Wish wish = new Wish().temperature(2).topP(1e-9).topK(0).seed(-5);

    assertThat(build(10, wish).sampling().temperature()).isEqualTo(2);
    assertThat(build(10, wish).sampling().topP()).isEqualTo(1e-9);
    assertThat(build(10, wish).sampling().seed()).isEqualTo(-5);
    assertThat(build(10, new Wish().temperature(0)).sampling().temperature()).isZero();
    requireInvalid(10, new Wish().topK(-1), "top_k", "negative");
  }

  @Test
  void limitsStopTexts() {
    assertThat(build(10, new Wish().stop(Collections.nCopies(4, "x".repeat(256)))).stop())
        .hasSize(4);
    requireInvalid(10, new Wish().stop(Collections.nCopies(5, "x")), "stop", "up to 4");
    requireInvalid(10, new Wish().stop(List.of("")), "stop", "1 to 256");
    requireInvalid(10, new Wish().stop(List.of("x".repeat(257))), "stop", "1 to 256");
  }

  private CompletionSpec build(int promptTokens, Wish wish) {
    return specs.build(CONTEXT, new int[promptTokens], wish.wishes());
  }

  private void requireInvalid(int promptTokens, Wish wish, String parameter, String message) {
    requireRefused(ErrorCode.INVALID_ARGUMENT, promptTokens, wish, parameter, message);
  }

  private void requireTooLong(int promptTokens, Wish wish, String parameter, String message) {
    requireRefused(ErrorCode.CONTEXT_LENGTH_EXCEEDED, promptTokens, wish, parameter, message);
  }

  private void requireRefused(
      ErrorCode code, int promptTokens, Wish wish, String parameter, String message) {
    assertThatThrownBy(() -> build(promptTokens, wish))
        .isInstanceOfSatisfying(
            MillraceException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(code);
              assertThat(refusal.parameter()).isEqualTo(parameter);
            })
        .hasMessageContaining(message);
  }

  /** One thing that differs from a request that says nothing. */
  private record Wish(
      @Nullable Integer tokens,
      @Nullable Double temperature,
      @Nullable Double topP,
      @Nullable Integer topK,
      @Nullable Long seed,
      List<String> stop) {
    Wish() {
      this(null, null, null, null, null, List.of());
    }

    Wish tokens(int value) {
      return new Wish(value, temperature, topP, topK, seed, stop);
    }

    Wish temperature(double value) {
      return new Wish(tokens, value, topP, topK, seed, stop);
    }

    Wish topP(double value) {
      return new Wish(tokens, temperature, value, topK, seed, stop);
    }

    Wish topK(int value) {
      return new Wish(tokens, temperature, topP, value, seed, stop);
    }

    Wish seed(long value) {
      return new Wish(tokens, temperature, topP, topK, value, stop);
    }

    Wish stop(List<String> value) {
      return new Wish(tokens, temperature, topP, topK, seed, value);
    }

    Wishes wishes() {
      return new Wishes(
          "prompt", tokens, "max_tokens", temperature, topP, topK, seed, /* echo= */ "", stop);
    }
  }
}
