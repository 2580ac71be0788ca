package io.millrace.inference.runtime;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Loads models of one kind.
 *
 * @param <R> what serves them
 */
public interface RuntimeLoader<R extends ModelRuntime> {

  /** The kind. */
  Kind<R> kind();

  /**
   * Loads a verified checkpoint folder.
   *
   * @throws IOException if a file is missing or does not fit the others
   */
  R load(Path folder) throws IOException;
}
