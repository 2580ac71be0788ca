package io.millrace.training.checkpoint;

import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import io.millrace.training.run.Run;
import io.millrace.training.run.RunStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Deletes files of checkpoints that are no version: what processes left that died before they could
 * publish.
 *
 * <p>What is being published now stays. A run's files are left over once their fencing token can
 * publish no more: the run has ended, or was taken up again. What belongs to no run, an import, has
 * {@link #IMPORT_TIME}. Whether there is a version is asked after that, never before: what was
 * published until then is seen.
 */
@Component
public class OrphanCollector {
  /** Between the last file of an import and its version pass seconds. */
  static final Duration IMPORT_TIME = Duration.ofHours(6);

  private static final Logger LOG = LoggerFactory.getLogger(OrphanCollector.class);
  private static final String MODELS = "models";
  private static final Pattern OF_RUN =
      Pattern.compile(MODELS + "/[^/]+/(?<run>[^/]+)/[0-9]+-(?<token>[0-9]{1,18})");

  private final ModelRegistry registry;
  private final CheckpointFiles files;
  private final ObjectStore store;
  private final RunStore runs;
  private final Clock clock;

  OrphanCollector(
      ModelRegistry registry,
      CheckpointFiles files,
      ObjectStore store,
      RunStore runs,
      Clock clock) {
    this.registry = registry;
    this.files = files;
    this.store = store;
    this.runs = runs;
    this.clock = clock;
  }

  /**
   * Deletes all there are.
   *
   * @return where they were
   * @throws IOException if the store cannot be read or written
   */
  public Set<String> collect() throws IOException {
    Set<String> orphans = new HashSet<>();
    Map<String, Optional<Run>> known = new HashMap<>();
    for (String location : stored()) {
      if (isLeft(location, known)) {
        orphans.add(location);
      }
    }
    if (!orphans.isEmpty()) {
      orphans.removeAll(registry.deletions().locations());
    }
    for (String location : orphans) {
      files.delete(location);
      LOG.info("deleted {}, which is no version of a model", location);
    }
    return orphans;
  }

  private Set<String> stored() throws IOException {
    Set<String> locations = new HashSet<>();
    for (ObjectInfo object : store.list(MODELS)) {
      locations.add(object.key().substring(0, object.key().lastIndexOf('/')));
    }
    return locations;
  }

  private boolean isLeft(String location, Map<String, Optional<Run>> known) throws IOException {
    Matcher named = OF_RUN.matcher(location);
    Optional<Run> run =
        named.matches()
            ? known.computeIfAbsent(named.group("run"), runs::findEver)
            : Optional.empty();
    if (run.isPresent()) {
      return run.get().state().isFinal()
          || Long.parseLong(named.group("token")) < run.get().fencingToken();
    }
    Instant before = clock.instant().minus(IMPORT_TIME);
    return store.writtenAt(location).map(before::isAfter).orElse(false);
  }
}
