package io.millrace.training.checkpoint;

import io.millrace.platform.checkpoint.CheckpointException;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.Materialised;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import io.millrace.training.run.ModelRef;
import io.millrace.training.run.Run;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;

/** Finds what a run published, and clears away what an interrupted attempt left. */
@Component
public class RunCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoints.class);

  private final ModelRegistry registry;
  private final CheckpointFiles files;
  private final ObjectStore store;

  RunCheckpoints(ModelRegistry registry, CheckpointFiles files, ObjectStore store) {
    this.registry = registry;
    this.files = files;
    this.store = store;
  }

  /**
   * The newest checkpoint of a run whose files are what they were; passes over damaged ones. None
   * for a run without any: it begins at the beginning. To be closed when its files are read.
   *
   * @throws MillraceException FAILED_PRECONDITION if it has some, and all are damaged
   * @throws IOException if the store cannot be read
   */
  public Optional<SavedRun> latest(Run run) throws IOException {
    List<ModelVersion> published = registry.modelsOfRun(run.id());
    Exception newest = null;
    for (ModelVersion version : published.reversed()) {
      try {
        return Optional.of(open(version));
      } catch (CheckpointException | JacksonException e) {
        LOG.error(
            "run {} cannot resume from version {} of {}, looking for an earlier one",
            run.id(),
            version.version(),
            version.model(),
            e);
        newest = newest == null ? e : newest;
      }
    }
    if (newest != null) {
      throw new MillraceException(
          ErrorCode.FAILED_PRECONDITION,
          "none of the run's %d checkpoints can be resumed from; the newest: %s"
              .formatted(published.size(), newest.getMessage()),
          newest);
    }
    return Optional.empty();
  }

  /**
   * The files of a published model, which are what they were; to be closed when they are read.
   *
   * @throws MillraceException NOT_FOUND if there is no such version, FAILED_PRECONDITION if its
   *     files are damaged
   * @throws IOException if the store cannot be read
   */
  public Materialised folder(ModelRef model) throws IOException {
    ModelVersion version = registry.require(model.model(), model.version());
    try {
      return files.verify(version.location(), version.manifestSha256());
    } catch (CheckpointException e) {
      throw new MillraceException(
          ErrorCode.FAILED_PRECONDITION,
          "model '%s' cannot be begun from: %s".formatted(model, e.getMessage()),
          e);
    }
  }

  private SavedRun open(ModelVersion version) throws IOException {
    Materialised verified = files.verify(version.location(), version.manifestSha256());
    try {
      return new SavedRun(version.version(), verified, TrainerStateFile.read(verified.directory()));
    } catch (IOException | RuntimeException | Error e) {
      verified.close();
      throw e;
    }
  }

  /** How many checkpoints a run has published. */
  public int count(Run run) {
    return registry.publishedBy(run.id());
  }

  /**
   * Deletes the files that attempts of a run stored without publishing them. For the holder of the
   * run's lease: a zombie that is storing files loses them, and could not publish them.
   */
  public void clearLeftovers(Run run) throws IOException {
    List<ObjectInfo> stored = store.list(prefix(run));
    if (stored.isEmpty()) {
      return;
    }
    Set<String> published = new HashSet<>();
    registry.modelsOfRun(run.id()).forEach(version -> published.add(version.location()));
    for (ObjectInfo object : stored) {
      String location = object.key().substring(0, object.key().lastIndexOf('/'));
      if (!published.contains(location)) {
        store.delete(object.key());
        LOG.info("deleted {}, left by an interrupted attempt", object.key());
      }
    }
  }

  /** Where the files of a run's checkpoints are. */
  static String prefix(Run run) {
    return "models/" + run.request().model() + "/" + run.id();
  }
}
