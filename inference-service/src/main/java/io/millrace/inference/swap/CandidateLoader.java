package io.millrace.inference.swap;

import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.inference.runtime.RuntimeLoader;
import io.millrace.platform.checkpoint.CheckpointException;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.error.Reasons;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.Materialised;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;

/** Turns a published version into a model in memory: verifies every byte, loads, warms up. */
@Component
final class CandidateLoader {
  private final CheckpointFiles checkpoints;
  private final ModelRegistry registry;
  private final Map<String, RuntimeLoader<?>> loaders = new TreeMap<>();

  CandidateLoader(
      CheckpointFiles checkpoints, ModelRegistry registry, List<RuntimeLoader<?>> loaders) {
    this.checkpoints = checkpoints;
    this.registry = registry;
    for (RuntimeLoader<?> loader : loaders) {
      String task = loader.kind().task();
      if (this.loaders.putIfAbsent(task, loader) != null) {
        throw new IllegalArgumentException("two loaders for task " + task);
      }
    }
  }

  /**
   * Loads a version; if that fails, nothing of it stays in memory.
   *
   * @throws LoadException saying why not, and whether another try may get further
   */
  LoadedModel load(ModelVersion version) throws LoadException {
    RuntimeLoader<?> loader = loaders.get(version.task());
    if (loader == null) {
      throw new LoadException(
          LoadException.Kind.UNFIT,
          "no runtime for task '" + version.task() + "'; there are " + loaders.keySet(),
          null);
    }
    try (Materialised files = verify(version)) {
      return load(version, loader, files.directory());
    }
  }

  private static LoadedModel load(ModelVersion version, RuntimeLoader loader, Path files)
      throws LoadException {
    try {
      return new LoadedModel(version, warm(loader.load(files)));
    } catch (IOException | RuntimeException | Error e) {
      LoadException.Kind kind =
          isAboutTheFiles(e) ? LoadException.Kind.UNFIT : LoadException.Kind.TROUBLE;
      throw new LoadException(kind, reason(e, files.toString(), version.location()), e);
    }
  }

  private Materialised verify(ModelVersion version) throws LoadException {
    try {
      return checkpoints.verify(version.location(), version.manifestSha256());
    } catch (CheckpointException e) {
      if (e.isMissing()) {
        throw missing(version, e);
      }
      throw new LoadException(LoadException.Kind.UNFIT, reason(e, "", version.location()), e);
    } catch (IOException | RuntimeException | Error e) {
      throw new LoadException(LoadException.Kind.TROUBLE, reason(e, "", version.location()), e);
    }
  }

  /** Files that are late may come; those of a version that was deleted do not. */
  private LoadException missing(ModelVersion version, CheckpointException e) {
    return registry
        .deletions()
        .fate(version.model(), version.version())
        .map(fate -> new LoadException(LoadException.Kind.UNFIT, fate, e))
        .orElseGet(() ->
            new LoadException(LoadException.Kind.MISSING, reason(e, "", version.location()), e));
  }

  /**
   * Whether verified files themselves are what does not work: loaders say so by an {@link
   * IOException} of no special kind, by an illegal argument or state, or by not finding a file.
   */
  private static boolean isAboutTheFiles(Throwable thrown) {
    return switch (thrown) {
      case NoSuchFileException _ -> true;
      case FileSystemException _ -> false;
      case IOException _, IllegalArgumentException _, IllegalStateException _ -> true;
      case ArithmeticException _, JacksonException _, MillraceException _ -> true;
      default -> false;
    };
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
    String message = String.valueOf(thrown.getMessage());
    boolean speaksForItself =
        thrown.getMessage() != null
            && !(thrown instanceof FileSystemException)
            && !(thrown instanceof UncheckedIOException)
            && !(thrown instanceof Error);
    String reason = speaksForItself ? message : thrown.getClass().getSimpleName() + ": " + message;
    return Reasons.storable(directory.isEmpty() ? reason : reason.replace(directory, location));
  }
}
