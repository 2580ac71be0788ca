package io.millrace.training.checkpoint;

import io.millrace.platform.store.Materialised;
import java.nio.file.Path;

/**
 * Where a run resumes.
 *
 * @param version of the model
 * @param files of the task, verified
 * @param state the rest
 */
public record SavedRun(int version, Materialised files, TrainerState state)
    implements AutoCloseable {

  /** Where the files are until this is closed. */
  public Path directory() {
    return files.directory();
  }

  @Override
  public void close() {
    files.close();
  }
}
