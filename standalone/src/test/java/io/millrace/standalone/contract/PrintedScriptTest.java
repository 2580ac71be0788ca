package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrintedScriptTest {

  @Test
  void joinsBlocksOfOneName() {
    List<PrintedScript> scripts =
        PrintedScript.of(
            "a.md",
            """
            # Text

            <!-- test: one -->
            ```sh
            echo 1
            ```

            ```sh
            never run
            ```

            <!-- file: Producer.java -->
            ```java
            class Producer {}
            ```

            <!-- test: two "steps":600 => "steps":8 -->

            ```sh
            run '{"steps":600}'
            ```

            <!-- test: one -->
            ```
            echo 2
            ```
            """);

    Map<String, String> files = Map.of("Producer.java", "class Producer {}\n");
    assertThat(scripts)
        .containsExactly(
            new PrintedScript("one", "echo 1\n\necho 2\n", files),
            new PrintedScript("two", "run '{\"steps\":8}'\n", files));
  }

  @Test
  void refusesMarkersThatMarkNothing() {
    assertThatThrownBy(() -> PrintedScript.of("a.md", "<!-- test: one -->\n\nNo code.\n"))
        .hasMessage("a.md: of 1 markers 0 have a block of code behind them");
    assertThatThrownBy(
            () -> PrintedScript.of("a.md", "<!-- test: one 7 => 8 -->\n```sh\necho 6\n```\n"))
        .hasMessage("a.md: '7' is not in the block that it should be replaced in");
  }
}
