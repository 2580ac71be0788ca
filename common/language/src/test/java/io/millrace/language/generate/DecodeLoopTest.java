package io.millrace.language.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.tensor.engine.TensorEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DecodeLoopTest {

  private static final int VOCABULARY = 64;
  private static final int TOKENS = 6;
  private static final int[] PROMPT = {3, 1, 4, 1, 5};

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final LanguageModel model =
      LanguageModel.of(
          engine,
          Decoder.create(engine, LanguageConfig.preset("nano", VOCABULARY, 0), /* seed= */ 3));
  private final List<String> order = new ArrayList<>();

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void continuesASequenceByATokenAStep() {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none());
    Heard heard = new Heard("a");
    loop.start(greedy(PROMPT), heard);

    assertThat(loop.step()).as("the prompt").isTrue();
    assertThat(heard.tokens).isEmpty();
    for (int i = 1; i < TOKENS; i++) {
      assertThat(loop.step()).isTrue();
      assertThat(heard.tokens).hasSize(i);
    }
    assertThat(loop.step()).isFalse();

    assertThat(heard.tokens).containsExactly(alone(PROMPT));
    assertThat(order.getLast()).isEqualTo("a ended");
    assertThatThrownBy(loop::step).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void givesEverySequenceItsTurn() {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none());
    int[] other = {7, 7};
    Heard first = new Heard("a");
    Heard second = new Heard("b");
    loop.start(greedy(PROMPT), first);
    loop.start(greedy(other), second);

    int steps = 0;
    for (int running = 2; running > 0; steps++) {
      running -= loop.step() ? 0 : 1;
      assertThat(Math.abs(first.tokens.size() - second.tokens.size())).isLessThanOrEqualTo(1);
    }

    assertThat(steps).isEqualTo(2 * (1 + TOKENS));
    assertThat(first.tokens).containsExactly(alone(PROMPT));
    assertThat(second.tokens).containsExactly(alone(other));
  }

  /** A right draft gives its tokens in one step, a wrong one none; the tokens are the same. */
  @Test
  void goesOnInAStepForAsLongAsTheDraftIsRight() {
    Integer[] expected = alone(PROMPT);
    Drafting twoRightOneWrong =
        sequence -> {
          int done = sequence.length() - sequence.promptLength();
          int[] guess = Arrays.stream(expected).skip(done).mapToInt(Integer::intValue).toArray();
          if (guess.length > 2) {
            guess[2] = (guess[2] + 1) % VOCABULARY;
          }
          return guess;
        };
    DecodeLoop loop = new DecodeLoop(model, twoRightOneWrong);
    Heard heard = new Heard("a");
    loop.start(greedy(PROMPT), heard);

    assertThat(loop.step()).isTrue();
    assertThat(loop.step()).isTrue();
    assertThat(heard.tokens).as("two that were right, and the one instead of the third").hasSize(3);
    assertThat(loop.step()).isFalse();

    assertThat(heard.tokens).containsExactly(expected);
  }

  @Test
  void endsWhatNobodyWantsBeforeItsNextStep() {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none());
    Heard heard = new Heard("a");
    loop.start(greedy(PROMPT), heard);
    loop.step();
    loop.step();
    heard.unwanted = true;

    assertThat(loop.step()).isFalse();

    assertThat(heard.tokens).hasSize(1);
    assertThat(order).containsExactly("a ended");
  }

  @Test
  void tellsTheListenerWhatFailsAndGoesOnWithTheOthers() {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none());
    Heard bad = new Heard("a");
    Heard good = new Heard("b");
    loop.start(new Sequence(new int[0], 1, SamplingSettings.greedy(), Constraint.none()), bad);
    loop.start(greedy(PROMPT), good);
    Heard throwing = new Heard("c");
    throwing.troubled = true;
    loop.start(greedy(PROMPT), throwing);

    for (int running = 3; running > 0; ) {
      running -= loop.step() ? 0 : 1;
    }

    assertThat(bad.failure).hasMessage("the prompt is empty");
    assertThat(throwing.failure).hasMessage("on purpose");
    assertThat(good.tokens).containsExactly(alone(PROMPT));
    assertThat(order).containsExactly("a failed", "a ended", "c failed", "c ended", "b ended");
  }

  @Test
  void letsThreadsMakeStepsOfDifferentSequencesAtOnce() throws Exception {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none());
    List<Heard> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(new Heard("s" + i));
      loop.start(greedy(new int[] {i, 9}), all.getLast());
    }
    CountDownLatch begin = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                TensorEngine.enterThread(1);
                try {
                  begin.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                // Two sequences a thread, so that there always is one that nobody steps.
                for (int running = 2; running > 0; ) {
                  running -= loop.step() ? 0 : 1;
                }
              }));
    }
    begin.countDown();
    for (Thread thread : threads) {
      thread.join();
    }

    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).tokens).containsExactly(alone(new int[] {i, 9}));
    }
  }

  @Test
  void continuesSeveralSequencesInAStep() {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none(), /* lanes= */ 1, /* most= */ 8);
    List<Heard> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(new Heard("s" + i));
      boolean turn = loop.start(greedy(new int[] {i, 9}), all.getLast());
      assertThat(turn).as("one turn is enough for all").isEqualTo(i == 0);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(loop.step()).as("a prompt is read by itself").isTrue();
    }
    assertThat(all).allMatch(heard -> heard.tokens.isEmpty());
    for (int i = 1; i < TOKENS; i++) {
      int done = i;
      assertThat(loop.step()).isTrue();
      assertThat(all).allMatch(heard -> heard.tokens.size() == done);
    }
    assertThat(loop.step()).isFalse();

    for (int i = 0; i < 3; i++) {
      assertThat(all.get(i).tokens).containsExactly(alone(new int[] {i, 9}));
    }
    assertThat(order).containsExactly("s0 ended", "s1 ended", "s2 ended");
  }

  /** What comes later joins those who are on their way, and a short one ends before long ones. */
  @Test
  void letsOthersJoinAndLeave() {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none(), 1, 8);
    Heard first = new Heard("a");
    Heard second = new Heard("b");
    Heard late = new Heard("c");
    late.limit = 1;
    loop.start(greedy(PROMPT), first);
    loop.start(greedy(new int[] {7}), second);
    loop.step();
    loop.step();
    loop.step();
    loop.start(greedy(new int[] {2, 2}), late);
    assertThat(loop.step()).as("those who wait longer").isTrue();
    assertThat(loop.step()).as("the prompt of the late one").isTrue();
    second.unwanted = true;
    while (loop.step()) {
      assertThat(first.tokens).hasSizeGreaterThan(late.tokens.size());
    }

    assertThat(order).containsExactly("b ended", "c ended", "a ended");
    assertThat(first.tokens).containsExactly(alone(PROMPT));
    assertThat(late.tokens).containsExactly(alone(new int[] {2, 2})[0]);
  }

  @Test
  void goesOnInAStepWithThoseWhoseDraftIsRight() {
    Integer[] expected = alone(PROMPT);
    Drafting ofOne =
        sequence -> {
          int done = sequence.length() - sequence.promptLength();
          boolean drafted = sequence.promptLength() == PROMPT.length && done < 4;
          return drafted ? new int[] {expected[done], expected[done + 1]} : new int[0];
        };
    DecodeLoop loop = new DecodeLoop(model, ofOne, 1, 8);
    Heard drafted = new Heard("a");
    Heard other = new Heard("b");
    loop.start(greedy(PROMPT), drafted);
    loop.start(greedy(new int[] {7}), other);
    loop.step();
    loop.step();

    loop.step();

    assertThat(drafted.tokens).as("two that were right, and the next").hasSize(3);
    assertThat(other.tokens).hasSize(1);
    while (loop.step()) {
      assertThat(other.tokens).hasSizeLessThan(TOKENS);
    }
    assertThat(drafted.tokens).containsExactly(expected);
    assertThat(other.tokens).containsExactly(alone(new int[] {7}));
  }

  @Test
  void whatFailsInAStepEndsByItself() {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none(), 1, 8);
    Heard throwing = new Heard("a");
    Heard atItsEnd = new Heard("b");
    Heard good = new Heard("c");
    loop.start(greedy(PROMPT), throwing);
    loop.start(greedy(PROMPT), atItsEnd);
    loop.start(greedy(PROMPT), good);
    for (int i = 0; i < 4; i++) {
      loop.step();
    }
    throwing.troubled = true;
    atItsEnd.unwanted = true;
    atItsEnd.troubledAtItsEnd = true;

    assertThatThrownBy(loop::step)
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("at the end");

    assertThat(throwing.failure).hasMessage("on purpose");
    assertThat(loop.takeTurn()).as("the turn was lost, and is wanted").isTrue();
    assertThat(loop.takeTurn()).isFalse();
    while (loop.step()) {
      assertThat(good.failure).isNull();
    }
    assertThat(good.tokens).containsExactly(alone(PROMPT));
    assertThat(order).containsExactly("b ended", "a failed", "a ended", "c ended");
  }

  /** Choices that are made side by side are those that each would make alone. */
  @Test
  void choosesForAllAsForEachAlone() {
    List<SamplingSettings> ways =
        List.of(
            new SamplingSettings(1, 0.9, 0, 5),
            new SamplingSettings(1, 1, 20, 6),
            new SamplingSettings(2, 0.8, 30, 7),
            new SamplingSettings(1, 1, 0, 8));
    DecodeLoop loop = new DecodeLoop(model, Drafting.none(), 1, 8);
    List<Heard> all = new ArrayList<>();
    for (SamplingSettings way : ways) {
      all.add(new Heard("s" + all.size()));
      loop.start(new Sequence(PROMPT, TOKENS, way, Constraint.none()), all.getLast());
    }
    while (loop.step()) {
      assertThat(all).allMatch(heard -> heard.failure == null);
    }

    for (int i = 0; i < ways.size(); i++) {
      Sequence same = new Sequence(PROMPT, TOKENS, ways.get(i), Constraint.none());
      assertThat(all.get(i).tokens).as("%s", ways.get(i)).containsExactly(alone(same));
    }
    assertThat(all.stream().map(heard -> heard.tokens).distinct()).hasSize(ways.size());
  }

  @Test
  void whatCannotBeChosenFailsByItself() {
    Constraint onlyTwo =
        new Constraint() {
          private int accepted;

          @Override
          public void mask(float[] logits) {
            if (accepted == 2) {
              Arrays.fill(logits, Float.NEGATIVE_INFINITY);
            }
          }

          @Override
          public boolean allows(int token) {
            return accepted < 2;
          }

          @Override
          public void accept(int token) {
            accepted++;
          }
        };
    DecodeLoop loop = new DecodeLoop(model, Drafting.none(), 1, 8);
    Heard stuck = new Heard("a");
    Heard good = new Heard("b");
    loop.start(new Sequence(PROMPT, TOKENS, new SamplingSettings(1, 0.9, 0, 5), onlyTwo), stuck);
    loop.start(greedy(PROMPT), good);
    while (loop.step()) {
      assertThat(good.failure).isNull();
    }

    assertThat(stuck.tokens).hasSize(2);
    assertThat(stuck.failure).hasMessageContaining("not finite");
    assertThat(good.tokens).containsExactly(alone(PROMPT));
    assertThat(order).containsExactly("a failed", "a ended", "b ended");
  }

  /** With as many lanes as sequences each is by itself; turns are given back and taken again. */
  @Test
  void spreadsSequencesOverLanes() {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none(), 2, 8);
    List<Heard> all = new ArrayList<>();
    int turns = 0;
    for (int i = 0; i < 4; i++) {
      all.add(new Heard("s" + i));
      turns += loop.start(greedy(new int[] {i, 9}), all.getLast()) ? 1 : 0;
    }
    assertThat(turns).isEqualTo(2);
    for (int i = 0; i < 4; i++) {
      loop.step();
    }
    loop.step();
    assertThat(all).as("half of them").filteredOn(heard -> heard.tokens.size() == 1).hasSize(2);
    loop.step();
    assertThat(all).allMatch(heard -> heard.tokens.size() == 1);

    all.get(0).unwanted = true;
    all.get(1).unwanted = true;
    all.get(2).unwanted = true;
    assertThat(loop.step()).as("two ended, two wait").isTrue();
    assertThat(loop.step()).as("one is left, for which one turn is enough").isFalse();
    assertThat(loop.takeTurn()).isFalse();
    assertThat(loop.start(greedy(PROMPT), new Heard("e"))).isTrue();
  }

  /** More sequences than a step takes have turns of their own, as the one model among several. */
  @Test
  void takesMoreTurnsForMoreThanAStepTakes() {
    DecodeLoop loop = new DecodeLoop(model, Drafting.none(), 1, 2);
    int turns = 0;
    for (int i = 0; i < 5; i++) {
      turns += loop.start(greedy(new int[] {i, 9}), new Heard("s" + i)) ? 1 : 0;
    }
    assertThat(turns).isEqualTo(3);
  }

  private Integer[] alone(int[] prompt) {
    return alone(greedy(prompt));
  }

  private Integer[] alone(Sequence sequence) {
    try (Generation generation = model.start(sequence)) {
      return IntStream.generate(generation::next).limit(TOKENS).boxed().toArray(Integer[]::new);
    }
  }

  private static Sequence greedy(int[] prompt) {
    return new Sequence(prompt, TOKENS, SamplingSettings.greedy(), Constraint.none());
  }

  /** Keeps what it hears; wants as many tokens as there may be. */
  private final class Heard implements DecodeLoop.Listener {
    private final String name;
    private final List<Integer> tokens = new ArrayList<>();
    private boolean unwanted;
    private boolean troubled;
    private boolean troubledAtItsEnd;
    private int limit = TOKENS;
    private @Nullable Throwable failure;

    Heard(String name) {
      this.name = name;
    }

    @Override
    public boolean wanted() {
      return !unwanted;
    }

    @Override
    public boolean accept(int token) {
      if (troubled) {
        throw new UnsupportedOperationException("on purpose");
      }
      tokens.add(token);
      return tokens.size() < limit;
    }

    @Override
    public void fail(Throwable cause) {
      failure = cause;
      note("failed");
    }

    @Override
    public void end() {
      note("ended");
      if (troubledAtItsEnd) {
        throw new UnsupportedOperationException("at the end");
      }
    }

    private void note(String what) {
      synchronized (order) {
        order.add(name + " " + what);
      }
    }
  }
}
