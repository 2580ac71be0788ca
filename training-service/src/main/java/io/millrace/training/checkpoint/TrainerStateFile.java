package io.millrace.training.checkpoint;

import io.millrace.input.FileFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** {@code trainer_state.json}. */
final class TrainerStateFile {
  static final String NAME = "trainer_state.json";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private TrainerStateFile() {}

  static void write(TrainerState state, Path directory) throws IOException {
    Files.write(
        directory.resolve(NAME), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(state));
  }

  /**
   * Reads the file of a directory.
   *
   * @throws JacksonException if it is not what {@link #write} writes
   * @throws IOException if it cannot be read or is of another format
   */
  static TrainerState read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    byte[] json = FileFaults.naming(file, () -> Files.readAllBytes(file));
    TrainerState state = JSON.readValue(json, TrainerState.class);
    if (state.format() != TrainerState.FORMAT) {
      throw new IOException(
          "%s has format %d, this version reads %d"
              .formatted(file, state.format(), TrainerState.FORMAT));
    }
    return state;
  }
}
