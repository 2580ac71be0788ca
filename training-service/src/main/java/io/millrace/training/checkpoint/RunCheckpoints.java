package io.millrace.training.checkpoint;

import io.millrace.platform.checkpoint.CheckpointException;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import io.millrace.training.run.ModelRef;
import io.millrace.training.run.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Finds what a run published, and clears away what an interrupted attempt left. */
@Component
public class RunCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoints.class);

  private final ModelRegistry registry;
  private final CheckpointFiles files;
  private final ObjectStore store;
  private final JsonMapper json = JsonMapper.builder().build();

  RunCheckpoints(ModelRegistry registry, CheckpointFiles files, ObjectStore store) {
    this.registry = registry;
    this.files = files;
    this.store = store;
  }

  /**
   * The newest checkpoint of a run whose files are what they were; passes over damaged ones. None
   * for a run without any: it begins at the beginning.
   *
   * @throws MillraceException FAILED_PRECONDITION if it has some, and all are damaged
   * @throws IOException if the store cannot be read
   */
  public Optional<SavedRun> latest(Run run) throws IOException {
    List<ModelVersion> published = registry.modelsOfRun(run.id());
    Exception newest = null;
    for (ModelVersion version : published.reversed()) {
      try {
        Path directory = files.verify(version.location(), version.manifestSha256());
        return Optional.of(new SavedRun(version.version(), directory, readState(directory)));
      } catch (CheckpointException | JacksonException e) {
        LOG.error(
            "run {} cannot go on from version {} of {}, looking for an earlier one",
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
          "none of the run's %d checkpoints can be gone on from; the newest: %s"
              .formatted(published.size(), newest.getMessage()),
          newest);
    }
    return Optional.empty();
  }

  /**
   * The files of a published model, which are what they were.
   *
   * @throws MillraceException NOT_FOUND if there is no such version, FAILED_PRECONDITION if its
   *     files are damaged
   * @throws IOException if the store cannot be read
   */
  public Path folder(ModelRef model) throws IOException {
    ModelVersion version =
        registry
            .model(model.model(), model.version())
            .orElseThrow(() -> MillraceException.notFound("model version", model));
    try {
      return files.verify(version.location(), version.manifestSha256());
    } catch (CheckpointException e) {
      throw new MillraceException(
          ErrorCode.FAILED_PRECONDITION,
          "model '%s' cannot be begun from: %s".formatted(model, e.getMessage()),
          e);
    }
  }

  /** How many checkpoints a run has published. */
  public int count(Run run) {
    return registry.modelsOfRun(run.id()).size();
  }

  /**
   * Deletes the files that attempts of a run stored without publishing them. For the holder of the
   * run's lease: a zombie that is storing files loses them, and could not publish them.
   */
  public void clearLeftovers(Run run) throws IOException {
    Set<String> published = new HashSet<>();
    registry.modelsOfRun(run.id()).forEach(version -> published.add(version.location()));
    List<ObjectInfo> stored = store.list(prefix(run));
    for (ObjectInfo object : stored) {
      String location = object.key().substring(0, object.key().lastIndexOf('/'));
      if (!published.contains(location)) {
        store.delete(object.key());
        LOG.info("deleted {}, left by an interrupted attempt", object.key());
      }
    }
  }

  /** Deletes what is stored under a location unless it was published; of failures it logs only. */
  void discard(Run run, String location) {
    try {
      boolean published =
          registry.modelsOfRun(run.id()).stream()
              .anyMatch(version -> version.location().equals(location));
      if (!published) {
        for (ObjectInfo object : store.list(location)) {
          store.delete(object.key());
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot delete {}, it will be cleared away later: {}", location, e.toString());
    }
  }

  /** Where the files of a run's checkpoints are. */
  static String prefix(Run run) {
    return "models/" + run.request().model() + "/" + run.id();
  }

  void writeState(TrainerState state, Path directory) throws IOException {
    Files.write(
        directory.resolve(TrainerState.FILE),
        json.writerWithDefaultPrettyPrinter().writeValueAsBytes(state));
  }

  private TrainerState readState(Path directory) throws IOException {
    TrainerState state =
        json.readValue(
            Files.readAllBytes(directory.resolve(TrainerState.FILE)), TrainerState.class);
    if (state.format() != TrainerState.FORMAT) {
      throw new IOException(
          "%s has format %d, this version reads %d"
              .formatted(
                  directory.resolve(TrainerState.FILE), state.format(), TrainerState.FORMAT));
    }
    return state;
  }
}
