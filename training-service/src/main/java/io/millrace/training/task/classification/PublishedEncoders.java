package io.millrace.training.task.classification;

import io.millrace.contracts.Tasks;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.EncoderConfigFile;
import io.millrace.language.config.ConfigFile;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.VersionHolds;
import io.millrace.platform.store.ObjectStore;
import io.millrace.training.task.BaseModel;
import io.millrace.training.task.FileRefusal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Published encoders that classifiers begin with: language models too, as the mean of states or the
 * last.
 */
final class PublishedEncoders {

  private static final int MAX_CONFIG = 1 << 20;

  /** Tasks of models that turn texts or pictures into vectors. */
  private static final List<String> ENCODERS = List.of(Tasks.REPRESENTATION, Tasks.LANGUAGE);

  private final Versions versions;
  private final ObjectStore objects;

  PublishedEncoders(Versions versions, ObjectStore objects) {
    this.versions = versions;
    this.objects = objects;
  }

  /** Where published versions are looked up. */
  @FunctionalInterface
  interface Versions {

    Optional<ModelVersion> find(String model, int version);
  }

  /**
   * The model of a name with a version, like cells-cpc@3.
   *
   * @throws MillraceException NOT_FOUND if there is none, FAILED_PRECONDITION if it is no encoder
   */
  BaseModel require(String name) {
    VersionHolds.Numbered wanted = numbered(name);
    ModelVersion version =
        versions
            .find(wanted.model(), wanted.version())
            .orElseThrow(() -> MillraceException.notFound("model version", name));
    if (!ENCODERS.contains(version.task())) {
      throw MillraceException.precondition(
          "model '%s' is of task %s; the encoder of a classifier is of task %s"
              .formatted(name, version.task(), String.join(" or ", ENCODERS)));
    }
    return new BaseModel(version, objects);
  }

  /** Model and version of a name like cells-cpc@3. */
  static VersionHolds.Numbered numbered(String name) {
    int at = name.indexOf('@');
    return new VersionHolds.Numbered(
        name.substring(0, at), Integer.parseInt(name.substring(at + 1)));
  }

  /**
   * What it is composed of.
   *
   * @param options say what is made of a language model's states
   * @throws MillraceException FAILED_PRECONDITION if that cannot be read, INVALID_ARGUMENT if
   *     pooling is asked for and it is no language model
   */
  static EncoderConfig config(BaseModel model, ClassificationOptions options) {
    boolean language = model.version().task().equals(Tasks.LANGUAGE);
    if (!options.pooling().isEmpty() && !language) {
      throw MillraceException.invalid(
          "pooling",
          "pooling is for language models; model '%s' is an encoder that learned with one of its own, leave pooling out"
              .formatted(model.label()));
    }
    try {
      String name = model.label() + "/" + EncoderConfigFile.NAME;
      byte[] json = model.file(EncoderConfigFile.NAME, MAX_CONFIG);
      return language
          ? EncoderConfig.ofLanguageModel(ConfigFile.read(name, json), options.pooled())
          : EncoderConfigFile.read(name, json);
    } catch (IOException e) {
      throw FileRefusal.of(
          "model '%s' cannot be learned on: %s".formatted(model.label(), e.getMessage()), e);
    }
  }
}
