package io.millrace.inference.runtime;

import java.io.IOException;
import java.nio.file.Path;

/** Loads models of one task. */
public interface RuntimeLoader {

  /** The task, as runs and model versions name it. */
  String task();

  /**
   * Loads a verified checkpoint folder.
   *
   * @throws IOException if a file is missing or does not fit the others
   */
  ModelRuntime load(Path folder) throws IOException;
}
