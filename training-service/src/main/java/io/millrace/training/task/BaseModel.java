package io.millrace.training.task;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.ObjectStore;
import java.io.IOException;

/**
 * A published model that a run is to begin from: its small files, to look whether it can.
 *
 * @param version of the model
 * @param objects where its files are
 */
public record BaseModel(ModelVersion version, ObjectStore objects) {

  /** As clients spell it, e.g. {@code writer@3}. */
  public String label() {
    return version.model() + "@" + version.version();
  }

  /**
   * A file of the model.
   *
   * @param most bytes that it may have
   * @throws MillraceException FAILED_PRECONDITION if it is not there or too large, UNAVAILABLE as
   *     the store says
   * @throws IOException if it cannot be read
   */
  public byte[] file(String name, int most) throws IOException {
    try {
      return objects.read(version.location() + "/" + name, most);
    } catch (MillraceException e) {
      if (e.code() == ErrorCode.UNAVAILABLE) {
        throw e;
      }
      throw new MillraceException(
          ErrorCode.FAILED_PRECONDITION, "model '%s': %s".formatted(label(), e.getMessage()), e);
    }
  }
}
