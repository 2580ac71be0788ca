package io.millrace.inference.swap;

import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.inference.runtime.RuntimeLoader;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.registry.ModelVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Turns a published version into a model in memory: verifies every byte, loads, warms up. */
@Component
final class CandidateLoader {
  private final CheckpointFiles checkpoints;
  private final Map<String, RuntimeLoader> loaders = new TreeMap<>();

  CandidateLoader(CheckpointFiles checkpoints, List<RuntimeLoader> loaders) {
    this.checkpoints = checkpoints;
    for (RuntimeLoader loader : loaders) {
      if (this.loaders.putIfAbsent(loader.task(), loader) != null) {
        throw new IllegalArgumentException("two loaders for task " + loader.task());
      }
    }
  }

  /**
   * Loads a version; if that fails, nothing of it stays in memory.
   *
   * @throws RefusedException saying what is wrong with it
   */
  LoadedModel load(ModelVersion version) throws RefusedException {
    RuntimeLoader loader = loaders.get(version.task());
    if (loader == null) {
      throw new RefusedException(
          "no runtime for task '" + version.task() + "'; there are " + loaders.keySet(), null);
    }
    String directory = "";
    try {
      Path files = checkpoints.verify(version.location(), version.manifestSha256());
      directory = files.toString();
      return new LoadedModel(version, warm(loader.load(files)));
    } catch (IOException | RuntimeException | Error e) {
      throw new RefusedException(reason(e, directory, version.location()), e);
    }
  }

  private static ModelRuntime warm(ModelRuntime runtime) {
    try {
      runtime.warmUp();
      return runtime;
    } catch (RuntimeException | Error e) {
      runtime.close();
      throw e;
    }
  }

  /** The message of an exception, with the checkpoint's location for the local directory. */
  private static String reason(Throwable thrown, String directory, String location) {
    String message = thrown.getMessage();
    String reason =
        message == null || thrown instanceof java.nio.file.NoSuchFileException
            ? thrown.getClass().getSimpleName() + (message == null ? "" : ": " + message)
            : message;
    return directory.isEmpty() ? reason : reason.replace(directory, location);
  }

  /** A version cannot serve. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String reason, @org.jspecify.annotations.Nullable Throwable cause) {
      super(reason, cause);
    }

    /** Why, for people. */
    String reason() {
      return String.valueOf(getMessage());
    }
  }
}
