package io.millrace.standalone.backup;

import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is in a backup; written last, so that a backup without it is not finished.
 *
 * @param format of the backup; readers refuse any other
 * @param created when it was taken
 * @param directories of the home, parents first, empty ones too
 * @param files of the home
 */
record BackupManifest(int format, Instant created, List<String> directories, List<Entry> files) {
  static final int FORMAT = 1;

  private static final String NAME = "backup.json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  BackupManifest {
    directories = List.copyOf(directories);
    files = List.copyOf(files);
  }

  /**
   * A file.
   *
   * @param name from the home, with slashes
   * @param size in bytes
   * @param sha256 of its content, in hexadecimal digits
   */
  record Entry(String name, long size, String sha256) {}

  /** Size of all files in bytes. */
  long size() {
    return files.stream().mapToLong(Entry::size).sum();
  }

  /** Writes it to a backup, whole or not at all. */
  void write(Path backup) throws IOException {
    Path unfinished = backup.resolve(NAME + ".unfinished");
    Files.write(unfinished, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
    Files.move(unfinished, backup.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Reads that of a backup.
   *
   * @throws UserError if the directory is no backup, or one that was not finished
   */
  static BackupManifest read(Path backup) throws IOException {
    Path file = backup.resolve(NAME);
    if (!Files.isRegularFile(file)) {
      throw new UserError(
          "%s is no backup, or one that was broken off: it has no %s".formatted(backup, NAME));
    }
    try {
      BackupManifest manifest = JSON.readValue(Files.readAllBytes(file), BackupManifest.class);
      if (manifest.format != FORMAT) {
        throw new UserError(
            "%s is of format %d; this release reads format %d"
                .formatted(file, manifest.format, FORMAT));
      }
      return manifest;
    } catch (JacksonException e) {
      throw new UserError(file + " is damaged: " + e.getOriginalMessage(), e);
    }
  }
}
