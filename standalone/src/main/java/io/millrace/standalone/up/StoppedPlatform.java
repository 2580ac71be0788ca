package io.millrace.standalone.up;

import io.millrace.embedded.EmbeddedServerException;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.checkpoint.VersionPublisher;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.platform.store.ImportedWeights;
import io.millrace.platform.store.Materialised;
import io.millrace.platform.store.ObjectStore;
import io.millrace.standalone.exchange.ExchangeApplication;
import io.millrace.standalone.exchange.ModelPublisher;
import io.millrace.standalone.home.HomeDirectory;
import io.millrace.standalone.process.LogFile;
import io.millrace.standalone.process.RunningParts;
import io.millrace.standalone.process.TemporaryFiles;
import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The models of a home directory whose platform is not running: its servers, without its services.
 */
public final class StoppedPlatform implements AutoCloseable {

  private final ConfigurableApplicationContext service;
  private final RunningParts parts;

  private StoppedPlatform(ConfigurableApplicationContext service, RunningParts parts) {
    this.service = service;
    this.parts = parts;
  }

  /**
   * Starts PostgreSQL and Kafka on the home directory.
   *
   * @param make whether a directory that is not there, or is empty, becomes a home
   * @throws UserError if the directory is in use or is no home
   */
  public static StoppedPlatform open(Path directory, boolean make) {
    if (!make && !Files.isDirectory(directory.resolve("postgres"))) {
      throw new UserError("--home " + directory + " holds no platform");
    }
    RunningParts parts = new RunningParts(System.err::println);
    try {
      HomeDirectory home = parts.start(() -> HomeDirectory.open(directory));
      LogFile.in(home.root().resolve("log"));
      parts.start(() -> TemporaryFiles.in(home.temporary()));
      Platform.Servers servers = Platform.startServers(home, 0, parts);
      PlatformSettings settings = new PlatformSettings(directory, 0, 0, "cpu");
      ConfigurableApplicationContext service =
          parts.start(() ->
              ServiceLauncher.start(
                  ExchangeApplication.class,
                  ExchangeApplication.NAME,
                  new ServiceProperties(settings, home, servers, List.of()).exchange()));
      return new StoppedPlatform(service, parts);
    } catch (RuntimeException e) {
      parts.closeAfter(e);
      throw e instanceof EmbeddedServerException
          ? new UserError(String.valueOf(e.getMessage()), e)
          : e;
    }
  }

  /**
   * A version of a model.
   *
   * @param version 0: the newest
   * @throws UserError if there is none
   */
  public ModelVersion model(String name, int version) {
    ModelRegistry registry = service.getBean(ModelRegistry.class);
    return (version == 0 ? registry.latestModel(name) : registry.model(name, version))
        .orElseThrow(() ->
            new UserError(
                version == 0
                    ? "there is no model %s; there are %s".formatted(name, names(registry))
                    : "model %s has no version %d; its newest is %s"
                        .formatted(
                            name,
                            version,
                            registry
                                .latestModel(name)
                                .map(latest -> String.valueOf(latest.version()))
                                .orElse("none"))));
  }

  /**
   * The files of a version, every byte compared with its manifest; to be closed when they are read.
   *
   * @throws UserError if they cannot be read
   */
  public Materialised verified(ModelVersion version) {
    try {
      return service
          .getBean(CheckpointFiles.class)
          .verify(version.location(), version.manifestSha256());
    } catch (IOException e) {
      throw new UserError(version.location() + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Publishes a version of a model, see {@link ModelPublisher#publish}.
   *
   * @param replace whether the model may exist already
   * @throws UserError if the model is of another task, or exists and may not
   * @throws IOException if the files cannot be written; nothing was published
   */
  public ModelVersion publish(
      String model,
      String task,
      Map<String, Double> metrics,
      boolean replace,
      VersionPublisher.Content content)
      throws IOException {
    try {
      return service.getBean(ModelPublisher.class).publish(model, task, metrics, replace, content);
    } catch (MillraceException e) {
      String choices =
          e.code() == ErrorCode.ALREADY_EXISTS
              ? ": choose another name, or add --replace to let this version take its place"
              : "";
      throw new UserError(e.getMessage() + choices, e);
    }
  }

  /**
   * Keeps weights for parts of models.
   *
   * @throws UserError if there are some of that name
   * @throws IOException if the file cannot be copied; nothing is kept then
   */
  public void keepWeights(String name, Path file) throws IOException {
    ObjectStore objects = service.getBean(ObjectStore.class);
    String key = ImportedWeights.key(name);
    if (objects.find(key).isPresent()) {
      throw new UserError("there are weights '%s' already: choose another name".formatted(name));
    }
    Path staging = objects.newStagingDirectory();
    Path copy = staging.resolve(ImportedWeights.FILE);
    try {
      Files.copy(file, copy);
      objects.putFile(key, copy, ObjectStore.IfPresent.FAIL);
    } finally {
      Files.deleteIfExists(copy);
      Files.deleteIfExists(staging);
    }
  }

  @Override
  public void close() {
    parts.close();
  }

  private static String names(ModelRegistry registry) {
    List<String> names = registry.latestModels().stream().map(ModelVersion::model).toList();
    return names.isEmpty() ? "none" : String.join(", ", names);
  }
}
