package io.millrace.language.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceTest {

  private final List<Integer> heard = new ArrayList<>();
  private final int[] prompt = {3, 1, 4};
  private final Sequence sequence =
      new Sequence(
          prompt,
          50,
          SamplingSettings.greedy(),
          new Constraint() {
            @Override
            public void mask(float[] logits) {}

            @Override
            public boolean allows(int token) {
              return true;
            }

            @Override
            public void accept(int token) {
              heard.add(token);
            }
          });

  @Test
  void growsByWhatIsGenerated() {
    assertThat(sequence.length()).isEqualTo(3);
    assertThat(sequence.remaining()).isEqualTo(50);

    for (int i = 0; i < 50; i++) {
      sequence.append(100 + i);
    }

    assertThat(sequence.length()).isEqualTo(53);
    assertThat(sequence.promptLength()).isEqualTo(3);
    assertThat(sequence.remaining()).isZero();
    assertThat(sequence.tokens(2, 5)).containsExactly(4, 100, 101);
    assertThat(sequence.tokens(52, 53)).containsExactly(149);
    assertThat(heard).hasSize(50).startsWith(100).endsWith(149);
  }

  @Test
  void keepsItsTokensToItself() {
    prompt[0] = 7;
    sequence.tokens(0, 3)[1] = 7;

    assertThat(sequence.tokens(0, 3)).containsExactly(3, 1, 4);
  }

  @Test
  void hasNoTokensToCome() {
    assertThatThrownBy(() -> sequence.tokens(0, 4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("there are 3 tokens, not 4");
  }
}
