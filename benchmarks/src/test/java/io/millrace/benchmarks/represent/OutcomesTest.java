package io.millrace.benchmarks.represent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutcomesTest {

  @TempDir Path folder;

  @Test
  void makesATrialOnce() throws IOException {
    Path file = folder.resolve("outcomes.tsv");
    assertThat(new Outcomes(file).of("a, seed 1", _ -> List.of(0.25, 3.0)))
        .containsExactly(0.25, 3.0);
    assertThat(
            new Outcomes(file)
                .of(
                    "a, seed 1",
                    _ -> {
                      throw new IOException("made again");
                    }))
        .containsExactly(0.25, 3.0);
  }

  @Test
  void aTrialThatWasStoppedFindsItsFolder() throws IOException {
    Path file = folder.resolve("outcomes.tsv");
    Outcomes outcomes = new Outcomes(file);
    assertThatThrownBy(() ->
            outcomes.of(
                "a, seed 1",
                own -> {
                  Files.createDirectory(own);
                  throw new IOException("stopped");
                }))
        .hasMessage("stopped");
    assertThat(new Outcomes(file).of("b, seed 1", own -> List.of(Files.exists(own) ? 1.0 : 0.0)))
        .containsExactly(0.0);
    assertThat(new Outcomes(file).of("a, seed 1", own -> List.of(Files.exists(own) ? 1.0 : 0.0)))
        .containsExactly(1.0);
  }

  @Test
  void settingsNameTheRowsAndTheEncoder() {
    Settings settings = Settings.of(List.of("rows=raw,learned", "encoder=a.json", "length=768"));
    assertThat(settings.rows()).containsExactly(Settings.Row.RAW, Settings.Row.LEARNED);
    assertThat(settings.encoder()).contains("a.json");
    assertThat(settings.length()).isEqualTo(768);
    assertThat(Settings.of(List.of()).rows()).containsExactly(Settings.Row.values());
    assertThatThrownBy(() -> Settings.of(List.of("row=raw"))).hasMessageContaining("'row=raw'");
  }
}
