package io.millrace.language.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.tokenize.BpeTrainer;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.tensor.engine.TensorEngine;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ids that must not come never do, however tokens are chosen. */
class ConstraintTest {

  private static final Tokenizer TOKENIZER =
      new BpeTrainer(280, (done, of) -> {}).train(List.of("the river turns the mill"));
  private static final int SIZE = TOKENIZER.vocabSize();
  private static final int VOCABULARY = 320;

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final LanguageModel model =
      LanguageModel.of(
          engine,
          Decoder.create(engine, LanguageConfig.preset("nano", VOCABULARY, 0), /* seed= */ 3));

  @AfterEach
  void close() {
    model.close();
  }

  @ParameterizedTest
  @CsvSource({"2, 1, 0", "2, 0.9999, 0", "2, 1, 319", "100, 1, 0", "0, 1, 0"})
  void rulesOutIdsThatNoTokenHas(double temperature, double topP, int topK) {
    Set<Integer> free = generate(temperature, topP, topK, Constraint.none());
    Set<Integer> ruled =
        generate(temperature, topP, topK, VocabularyMask.of(TOKENIZER, VOCABULARY));

    if (temperature > 0) {
      assertThat(free).as("they would come").anyMatch(id -> id >= SIZE);
    }
    assertThat(ruled).isNotEmpty().allMatch(id -> id < SIZE);
  }

  private Set<Integer> generate(double temperature, double topP, int topK, Constraint constraint) {
    Set<Integer> tokens = new HashSet<>();
    for (int seed = 0; seed < 3; seed++) {
      SamplingSettings settings = new SamplingSettings(temperature, topP, topK, seed);
      try (Generation generation =
          model.start(new Sequence(new int[] {1, 2}, 60, settings, constraint))) {
        for (int i = 0; i < 60; i++) {
          tokens.add(generation.next());
        }
      }
    }
    return tokens;
  }

  @Test
  void leavesTheLogitsThatAreShownAsTheyAre() {
    SamplingSettings greedy = SamplingSettings.greedy();
    try (Generation free = model.start(new Sequence(new int[] {5}, 2, greedy, Constraint.none()));
        Generation ruled =
            model.start(
                new Sequence(new int[] {5}, 2, greedy, VocabularyMask.of(TOKENIZER, VOCABULARY)))) {
      float[] before = free.logits().clone();
      ruled.next();

      assertThat(ruled.logits()).hasSize(VOCABULARY).doesNotContain(Float.NEGATIVE_INFINITY);
      assertThat(free.logits()).isEqualTo(before);
    }
  }

  @Test
  void tellsAConstraintWhatWasChosen() {
    // Every token at most once: it has a state.
    Constraint once =
        new Constraint() {
          private final Set<Integer> seen = new HashSet<>();

          @Override
          public void mask(float[] logits) {
            seen.forEach(id -> logits[id] = Float.NEGATIVE_INFINITY);
          }

          @Override
          public boolean allows(int token) {
            return !seen.contains(token);
          }

          @Override
          public void accept(int token) {
            seen.add(token);
          }
        };
    try (Generation generation =
        model.start(new Sequence(new int[] {5}, 50, SamplingSettings.greedy(), once))) {
      assertThat(IntStream.generate(generation::next).limit(50).toArray()).doesNotHaveDuplicates();
    }
  }
}
