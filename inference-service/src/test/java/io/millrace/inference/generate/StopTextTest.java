package io.millrace.inference.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopTextTest {

  @Test
  void findsAStopTextAcrossPiecesAndGivesNothingOfIt() {
    StopText stop = new StopText(List.of("END"));

    assertThat(stop.add("abE")).isEqualTo("ab");
    assertThat(stop.add("N")).isEmpty();
    assertThat(stop.add("Dcd")).isEmpty();
    assertThat(stop.found()).isTrue();
  }

  @Test
  void givesBackWhatOnlyLookedLikeABeginning() {
    StopText stop = new StopText(List.of("END"));

    assertThat(stop.add("abEN")).isEqualTo("ab");
    assertThat(stop.add("x")).isEqualTo("ENx");
    assertThat(stop.add("EN") + stop.flush()).isEqualTo("EN");
    assertThat(stop.found()).isFalse();
  }

  /** However a text is cut into pieces, it ends at the first stop text of the whole. */
  @Test
  void doesNotDependOnWhereTextIsCut() {
    Random random = new Random(7);
    for (int round = 0; round < 5_000; round++) {
      List<String> stops = List.of(word(random, 3), word(random, 4));
      String text = word(random, 30);
      StopText stop = new StopText(stops);
      StringBuilder given = new StringBuilder();
      int at = 0;
      while (at < text.length() && !stop.found()) {
        int next = Math.min(text.length(), at + 1 + random.nextInt(4));
        given.append(stop.add(text.substring(at, next)));
        at = next;
      }
      if (!stop.found()) {
        given.append(stop.flush());
      }
      // A longer piece can hold two stop texts; the earliest in the text so far counts.
      String seen = text.substring(0, at);
      int first =
          stops.stream().mapToInt(seen::indexOf).filter(i -> i >= 0).min().orElse(seen.length());
      assertThat(given.toString()).as("%s in %s", stops, text).isEqualTo(seen.substring(0, first));
    }
  }

  private static String word(Random random, int longest) {
    int length = 1 + random.nextInt(longest);
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(2)));
    }
    return word.toString();
  }
}
