package io.millrace.training.run;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** The evaluations that lie beside a run's checkpoints. */
@Component
class RunEvaluations {
  private static final String JSON = "/evaluation.json";
  private static final String PICTURE = "/evaluation-";
  private static final Pattern NAME = Pattern.compile("[a-z]([a-z-]{0,60}[a-z])?\\.svg");
  private static final int LIMIT = 16 << 20;

  private final ModelRegistry registry;
  private final ObjectStore store;

  RunEvaluations(ModelRegistry registry, ObjectStore store) {
    this.registry = registry;
    this.store = store;
  }

  /**
   * An evaluation.
   *
   * @param version of the model that was evaluated
   * @param pictures their names
   * @param json the evaluation itself
   */
  record Stored(ModelVersion version, List<String> pictures, byte[] json) {}

  /**
   * The evaluation of a version that a run published.
   *
   * @param version of the model; 0: the newest that has an evaluation
   * @throws MillraceException NOT_FOUND if there is none
   */
  Stored of(Run run, long version) {
    ModelVersion evaluated = evaluated(run, version);
    try {
      return new Stored(
          evaluated, pictures(evaluated), store.read(evaluated.location() + JSON, LIMIT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A picture of an evaluation, SVG.
   *
   * @param version of the model; 0: the newest that has an evaluation
   * @throws MillraceException NOT_FOUND if there is no such picture or evaluation, INVALID_ARGUMENT
   *     if no picture can have the name
   */
  byte[] picture(Run run, long version, String name) {
    if (!NAME.matcher(name).matches()) {
      throw MillraceException.invalid(
          "picture", "'%s' cannot be a picture; names are like errors.svg".formatted(name));
    }
    ModelVersion evaluated = evaluated(run, version);
    try {
      List<String> pictures = pictures(evaluated);
      if (!pictures.contains(name)) {
        throw new MillraceException(
            ErrorCode.NOT_FOUND,
            "the evaluation has no picture '%s'; it has %s"
                .formatted(name, String.join(", ", pictures)));
      }
      return store.read(evaluated.location() + PICTURE + name, LIMIT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> pictures(ModelVersion evaluated) throws IOException {
    String prefix = evaluated.location() + PICTURE;
    return store.list(evaluated.location()).stream()
        .map(ObjectInfo::key)
        .filter(key -> key.startsWith(prefix))
        .map(key -> key.substring(prefix.length()))
        .toList();
  }

  private ModelVersion evaluated(Run run, long version) {
    return registry.modelsOfRun(run.id()).reversed().stream()
        .filter(one -> version == 0 || one.version() == version)
        .filter(this::isEvaluated)
        .findFirst()
        .orElseThrow(() ->
            new MillraceException(
                ErrorCode.NOT_FOUND,
                version == 0
                    ? "run '%s' has no evaluation: classification and detection runs have one with each checkpoint"
                        .formatted(run.id())
                    : "run '%s' has no evaluation of version %d".formatted(run.id(), version)));
  }

  private boolean isEvaluated(ModelVersion version) {
    try {
      return store.find(version.location() + JSON).isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
