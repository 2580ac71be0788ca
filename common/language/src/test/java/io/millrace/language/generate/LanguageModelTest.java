package io.millrace.language.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.tensor.engine.TensorEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LanguageModelTest {

  private static final int VOCABULARY = 64;
  private static final int[] PROMPT = {3, 1, 4, 1, 5};

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Decoder decoder =
      Decoder.create(engine, LanguageConfig.preset("nano", VOCABULARY, 0), /* seed= */ 3);
  private final LanguageModel model = LanguageModel.of(engine, decoder);

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void refusesPromptsThatItCannotRead() {
    refused("the prompt is empty", 1);
    refused("token 64 is not in the vocabulary of 64", 1, 3, VOCABULARY);
    refused("token -1 is not in the vocabulary of 64", 1, -1);
    int context = model.contextLength();
    refused("5 prompt tokens and 0 to generate do not fit", 0, PROMPT);
    refused("5 prompt tokens and -1 to generate do not fit", -1, PROMPT);
    refused(
        "5 prompt tokens and 2044 to generate do not fit the context of 2048 tokens",
        context - 4,
        PROMPT);
    refused("do not fit", Integer.MAX_VALUE, PROMPT);
    model.start(PROMPT, context - 5, SamplingSettings.greedy()).close();
  }

  /** Greedy, and drawn by seeds of their own; beginning and ending at different times. */
  @Test
  void sequencesGoOnTogetherAsEachWouldAlone() {
    List<SamplingSettings> settings =
        List.of(
            SamplingSettings.greedy(),
            new SamplingSettings(1.5, 1, 0, 1),
            new SamplingSettings(0.8, 0.9, 20, 2),
            new SamplingSettings(1.5, 1, 0, 3));
    List<Generation> together = new ArrayList<>();
    List<Generation> alone = new ArrayList<>();
    try {
      for (int round = 0; round < 40; round++) {
        if (round % 5 == 0 && round < 20) {
          int next = together.size();
          int[] prompt = {next, 9};
          together.add(model.start(prompt, 40, settings.get(next)));
          alone.add(model.start(prompt, 40, settings.get(next)));
        }
        model.readTogether(together);
        for (int i = 0; i < together.size(); i++) {
          assertThat(together.get(i).logits())
              .containsExactly(alone.get(i).logits(), within(1e-4f));
          assertThat(together.get(i).next())
              .as("token %d of sequence %d", round, i)
              .isEqualTo(alone.get(i).next());
        }
        if (round == 30) {
          together.removeFirst().close();
          alone.removeFirst().close();
        }
      }
    } finally {
      together.forEach(Generation::close);
      alone.forEach(Generation::close);
    }
  }

  /** The head of the last state is what the model says of the next token. */
  @Test
  void theLastStateIsWhatTheHeadReads() {
    float[] last = model.vectors(List.of(PROMPT), StatePooling.LAST).getFirst();
    float[] head = decoder.weights().get("lm_head.weight").toFloatArray();
    try (Generation generation = model.start(PROMPT, 1, SamplingSettings.greedy())) {
      float[] logits = generation.logits();
      for (int token = 0; token < VOCABULARY; token++) {
        double sum = 0;
        for (int i = 0; i < last.length; i++) {
          sum += (double) head[token * last.length + i] * last[i];
        }
        assertThat(logits[token]).isCloseTo((float) sum, within(1e-4f));
      }
    }
  }

  @Test
  void vectorsOfTextsDoNotDependOnTheirNeighbours() {
    int[] other = {9, 9, 2};
    for (StatePooling pooling : StatePooling.values()) {
      List<float[]> together = model.vectors(List.of(PROMPT, other, PROMPT), pooling);
      assertThat(together.get(2)).containsExactly(together.getFirst(), within(1e-5f));
      assertThat(model.vectors(List.of(other), pooling).getFirst())
          .containsExactly(together.get(1), within(1e-5f));
    }
    float[] mean = new float[model.config().hiddenSize()];
    for (int length = 1; length <= other.length; length++) {
      float[] state =
          model.vectors(List.of(Arrays.copyOf(other, length)), StatePooling.LAST).getFirst();
      for (int i = 0; i < mean.length; i++) {
        mean[i] += state[i] / other.length;
      }
    }
    assertThat(model.vectors(List.of(other), StatePooling.MEAN).getFirst())
        .containsExactly(mean, within(1e-5f));
  }

  @Test
  void refusesTextsThatDoNotFit() {
    for (int[] text : List.of(new int[0], new int[model.contextLength() + 1])) {
      assertThatThrownBy(() -> model.vectors(List.of(text), StatePooling.MEAN))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a text has %d tokens".formatted(text.length));
    }
  }

  private void refused(String reason, int maxTokens, int... prompt) {
    assertThatThrownBy(() -> model.start(prompt, maxTokens, SamplingSettings.greedy()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void generatesAsManyTokensAsAnnouncedAndNoMore() {
    try (Generation generation = model.start(PROMPT, 3, SamplingSettings.greedy())) {
      int[] text =
          IntStream.concat(IntStream.of(PROMPT), IntStream.generate(generation::next).limit(3))
              .toArray();
      assertThatThrownBy(generation::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("all 8 places of the cache are taken");
      float[] after = generation.logits();
      assertThat(generation.logits()).isSameAs(after);
      try (Generation whole = model.start(text, 1, SamplingSettings.greedy())) {
        assertThat(argmax(after)).isEqualTo(argmax(whole.logits()));
      }
    }
  }

  /** Closed weights cannot be decoded with. */
  @Test
  void doesNotReadATokenThatNothingFollows() {
    try (Generation generation = model.start(PROMPT, 1, SamplingSettings.greedy())) {
      model.close();
      assertThat(generation.next()).isBetween(0, VOCABULARY - 1);
      assertThatThrownBy(generation::logits).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void generationsOnTwoThreadsAtOnceGiveWhatEachGivesAlone() throws Exception {
    List<SamplingSettings> settings =
        List.of(
            SamplingSettings.greedy(),
            new SamplingSettings(1, 1, 0, 5),
            new SamplingSettings(0.8, 0.9, 40, 6),
            new SamplingSettings(2, 1, 0, 7));
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<List<Integer>> alone = new ArrayList<>();
      for (int i = 0; i < settings.size(); i++) {
        int which = i;
        alone.add(threads.submit(() -> generate(which, settings.get(which))).get());
      }
      assertThat(alone).doesNotHaveDuplicates();
      List<Callable<List<Integer>>> tasks = new ArrayList<>();
      for (int i = 0; i < 4 * settings.size(); i++) {
        int which = i % settings.size();
        tasks.add(() -> generate(which, settings.get(which)));
      }
      List<Future<List<Integer>>> together = threads.invokeAll(tasks);
      for (int i = 0; i < together.size(); i++) {
        assertThat(together.get(i).get()).isEqualTo(alone.get(i % settings.size()));
      }
    }
  }

  private List<Integer> generate(int first, SamplingSettings settings) {
    int[] prompt = {first, 7, 20 + first};
    try (Generation generation = model.start(prompt, 40, settings)) {
      return IntStream.range(0, 40).mapToObj(i -> generation.next()).toList();
    }
  }

  private static int argmax(float[] logits) {
    return IntStream.range(0, logits.length)
        .reduce((a, b) -> logits[b] > logits[a] ? b : a)
        .orElseThrow();
  }
}
