package io.millrace.platform.store;

import java.nio.file.Path;

/**
 * Objects as files of a local directory, to be read or mapped, never written, until this is closed:
 * a store that is not of files deletes them then.
 *
 * @param directory that holds them
 * @param release what closing does
 */
public record Materialised(Path directory, Runnable release) implements AutoCloseable {

  /** A directory that stays. */
  public static Materialised lasting(Path directory) {
    return new Materialised(directory, () -> {});
  }

  @Override
  public void close() {
    release.run();
  }
}
