package io.millrace.tensor.safetensors;

import java.nio.file.Path;

/** A file is not a safetensors file, or says something about itself that cannot be true. */
public final class InvalidSafetensorsException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  InvalidSafetensorsException(Path file, String reason) {
    super(file + " is not a valid safetensors file: " + reason);
  }

  InvalidSafetensorsException(Path file, String reason, Throwable cause) {
    super(file + " is not a valid safetensors file: " + reason, cause);
  }
}
