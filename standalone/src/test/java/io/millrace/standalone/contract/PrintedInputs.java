package io.millrace.standalone.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What documents take for granted: files of the reader's own, and the detector {@code cells}. */
final class PrintedInputs {
  private static final int TEXTS = 400;

  private PrintedInputs() {}

  /** Writes the files to the directory that commands are run in. */
  static void write(Path directory, LearnedModels models) throws IOException {
    Files.writeString(
        directory.resolve("books.jsonl"),
        LearnedModels.lines(
            LearnedModels.someTexts(TEXTS).stream()
                .map(text -> Map.<String, Object>of("text", text))
                .toList()));
    Files.write(directory.resolve("cells.png"), new Scene(9).png());
    models.detection();
  }
}
