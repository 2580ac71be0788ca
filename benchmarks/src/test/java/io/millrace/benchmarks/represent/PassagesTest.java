package io.millrace.benchmarks.represent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassagesTest {

  private static final int LENGTH = 20;
  private static final int PASSAGES = 50;

  @TempDir Path folder;

  /** Every passage is of one letter of its own. */
  private LabelledSet read(int unlabelled) throws IOException {
    String text =
        IntStream.range(0, PASSAGES)
            .mapToObj(i -> Character.toString('A' + i).repeat(LENGTH))
            .collect(Collectors.joining());
    Files.writeString(folder.resolve("input.txt"), text);
    return Passages.shakespeare(folder, LENGTH, unlabelled);
  }

  @Test
  void judgesOnEveryFifthPassage() throws IOException {
    LabelledSet set = read(0);
    assertThat(set.training().size()).isEqualTo(40);
    assertThat(set.test().size()).isEqualTo(10);
    assertThat(set.unlabelled()).isSameAs(set.training());
    assertThat(set.test().raw(1)[5]).isEqualTo(LENGTH);
    assertThat(set.test().label(9)).isEqualTo(9);
  }

  @Test
  void longerTextsAreOfNeighboursAndHoldNothingThatIsJudgedOn() throws IOException {
    LabelledSet set = read(60);
    // Begins at 0 and 13 of each of the ten stretches of 80 characters.
    assertThat(set.unlabelled().size()).isEqualTo(20);
    assertThat(set.unlabelled().raw(1)).containsSequence(0, 7, 20, 20, 13, 0);
    for (int text = 0; text < set.unlabelled().size(); text++) {
      float[] counts = set.unlabelled().raw(text);
      for (int judged = 0; judged < PASSAGES; judged += 5) {
        assertThat(counts[judged]).isZero();
      }
    }
  }

  @Test
  void refusesTextsLongerThanWhatIsBetweenTwoThatAreJudgedOn() {
    assertThatThrownBy(() -> read(81))
        .hasMessageContaining("81 characters")
        .hasMessageContaining("80");
  }
}
