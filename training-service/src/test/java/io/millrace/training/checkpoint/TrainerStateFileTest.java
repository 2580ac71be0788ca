package io.millrace.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.training.checkpoint.TrainerState.Meter;
import io.millrace.training.checkpoint.TrainerState.Origin;
import io.millrace.training.checkpoint.TrainerState.Position;
import io.millrace.training.stream.StreamPosition;
import io.millrace.training.stream.StreamPosition.LanePosition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class TrainerStateFileTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TrainerState STATE =
      new TrainerState(
          new Origin("run-1", "books", 3, "ab".repeat(32), "cpu()", 2),
          new Position(
              40,
              new StreamPosition(
                  1, 0, List.of(new LanePosition("sequences.books", 0, 1, 77, 12, 90)))),
          new Meter(5.5, 2.25, 81_920, 12.5, 0.125, Map.of("heldout_loss", 2.5)));

  @TempDir private Path directory;

  @Test
  void readsWhatItWrites() throws IOException {
    TrainerStateFile.write(STATE, directory);

    assertThat(TrainerStateFile.read(directory)).isEqualTo(STATE);
  }

  /** The file is one that the first release wrote, when a state was not yet of three parts. */
  @Test
  void readsAndWritesTheFileOfTheFirstRelease() throws IOException {
    byte[] first;
    try (InputStream resource =
        Objects.requireNonNull(getClass().getResourceAsStream("trainer_state.json"))) {
      first = resource.readAllBytes();
    }
    Files.write(directory.resolve(TrainerStateFile.NAME), first);

    assertThat(TrainerStateFile.read(directory)).isEqualTo(STATE);
    TrainerStateFile.write(STATE, directory);
    assertThat(JSON.readTree(Files.readAllBytes(directory.resolve(TrainerStateFile.NAME))))
        .isEqualTo(JSON.readTree(first));
  }

  @Test
  void goesOnElsewhereFromTheSamePlace() {
    Origin other = new Origin("run-1", "books", 3, "ab".repeat(32), "cuda:0", 8);

    TrainerState moved = STATE.with(other);

    assertThat(moved.origin()).isEqualTo(other);
    assertThat(moved.position()).isEqualTo(STATE.position());
    assertThat(moved.meter()).isEqualTo(STATE.meter());
  }

  @Test
  void refusesAnotherFormatAndWhatIsNone() throws IOException {
    Path file = directory.resolve(TrainerStateFile.NAME);
    TrainerStateFile.write(
        new TrainerState(2, STATE.origin(), STATE.position(), STATE.meter()), directory);
    assertThatThrownBy(() -> TrainerStateFile.read(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has format 2, this version reads 1");
    Files.writeString(file, "{");
    assertThatThrownBy(() -> TrainerStateFile.read(directory)).isInstanceOf(JacksonException.class);
  }
}
