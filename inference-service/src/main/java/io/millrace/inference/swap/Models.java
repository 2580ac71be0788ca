package io.millrace.inference.swap;

import io.millrace.inference.compute.Client;
import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.VersionRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** All models of this service by name. */
@Component
public class Models {

  private static final Logger LOG = LoggerFactory.getLogger(Models.class);

  /** After which a waiting request looks whether its client is still there. */
  private static final Duration MOMENT = Duration.ofMillis(100);

  private final Map<String, ModelSlot> slots = new ConcurrentSkipListMap<>();
  private final Map<String, String> tasksElsewhere = new ConcurrentHashMap<>();
  private final ModelsInTraining training;
  private final ModelRegistry registry;
  private volatile boolean known;
  private volatile Consumer<ModelSlot> loading = slot -> {};
  private volatile Runnable freed = () -> {};

  Models(ModelsInTraining training, ModelRegistry registry) {
    this.training = training;
    this.registry = registry;
  }

  /**
   * Takes hold of the version of a model that serves now; waits for one if the model is unloaded.
   *
   * @param reference a model's name, or one of its versions, like {@code writer@3}, {@code
   *     writer@latest} or {@code writer@stable}
   * @throws MillraceException MODEL_NOT_FOUND if there is none of that name or it is left to other
   *     replicas, UNAVAILABLE with the reason if no version of it serves, it has none yet, or it is
   *     not known yet which models there are, INVALID_ARGUMENT if it is of another kind,
   *     FAILED_PRECONDITION if another version serves than the one that is named
   * @throws io.millrace.platform.error.ClientGoneException if the client leaves meanwhile
   */
  public <R extends ModelRuntime> Held<R> acquire(String reference, Kind<R> kind) {
    VersionRef wanted = wanted(reference);
    String name = wanted.model();
    ModelSlot slot = requireHere(name);
    SwapHolder.Lease<LoadedModel> lease = slot.acquire();
    if (lease == null) {
      lease = acquireUnloaded(slot);
    }
    if (lease == null) {
      throw MillraceException.unavailable(whyNot(slot.status()));
    }
    LoadedModel loaded = lease.value();
    if (!kind.type().isInstance(loaded.runtime())) {
      lease.close();
      throw MillraceException.invalid(
          "model",
          "model '%s' is of task %s; this needs one of %s"
              .formatted(name, loaded.version().task(), kind.task()));
    }
    try {
      requireWanted(wanted, loaded.version());
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
    return new Held<>(lease, kind.type().cast(loaded.runtime()));
  }

  /** A name is looked up as it is; what cannot be one is a model that does not exist. */
  private static VersionRef wanted(String reference) {
    return reference.indexOf('@') < 0
        ? new VersionRef(reference, new VersionRef.Unnamed())
        : VersionRef.parse("model", reference);
  }

  /** Only the promoted version serves, which a bare name and the alias {@code stable} mean. */
  private void requireWanted(VersionRef wanted, ModelVersion serving) {
    switch (wanted.which()) {
      case VersionRef.Unnamed() -> {}
      case VersionRef.Number(int version) -> {
        if (version != serving.version()) {
          throw serves(registry.require(wanted.model(), version), "", serving);
        }
      }
      case VersionRef.Alias alias -> {
        switch (alias) {
          case STABLE -> {}
          case LATEST -> {
            ModelVersion latest = registry.require(wanted, alias);
            if (latest.version() != serving.version()) {
              throw serves(latest, ", the latest,", serving);
            }
          }
        }
      }
    }
  }

  private static MillraceException serves(ModelVersion wanted, String which, ModelVersion serving) {
    return new MillraceException(
        ErrorCode.FAILED_PRECONDITION,
        "version %d%s of model '%s' does not serve, version %d does: promote version %d, or ask for '%s'"
            .formatted(
                wanted.version(),
                which,
                wanted.model(),
                serving.version(),
                wanted.version(),
                wanted.model()),
        "model",
        null);
  }

  private SwapHolder.@Nullable Lease<LoadedModel> acquireUnloaded(ModelSlot slot) {
    Client client = Client.current();
    SwapHolder.Lease<LoadedModel> lease = slot.acquire();
    // Unloaded again before it was taken hold of, it is asked for again.
    while (lease == null && slot.want()) {
      loading.accept(slot);
      client.requireThere();
      try {
        slot.awaitWanted(MOMENT);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw MillraceException.unavailable("the service is stopping");
      }
      lease = slot.acquire();
    }
    return lease;
  }

  /** Who loads what somebody asks for; called often, must not wait. */
  void whenWanted(Consumer<ModelSlot> load) {
    loading = load;
  }

  /** Who is told that a version was closed, by whoever let go of it last; must not wait. */
  void whenFreed(Runnable tell) {
    freed = tell;
  }

  /** Unloads the models that nobody has used for so long. */
  void unloadUnused(Duration longest) {
    slots.values().forEach(slot -> slot.unloadIfUnused(longest));
  }

  /**
   * The version of a model that serves now, or did when the model was unloaded; loads none.
   *
   * @throws MillraceException as {@link #acquire}
   */
  public int version(String reference) {
    VersionRef wanted = wanted(reference);
    ModelStatus status = requireHere(wanted.model()).status();
    ModelVersion serving = status.serving();
    if (serving == null) {
      throw MillraceException.unavailable(whyNot(status));
    }
    requireWanted(wanted, serving);
    return serving.version();
  }

  /** All models, by name. */
  public List<ModelStatus> list() {
    return slots.values().stream().map(ModelSlot::status).toList();
  }

  /**
   * One model.
   *
   * @param reference as for {@link #acquire}
   * @throws MillraceException MODEL_NOT_FOUND, or UNAVAILABLE if it has no version yet,
   *     FAILED_PRECONDITION if another version serves than the one that is named
   */
  public ModelStatus get(String reference) {
    VersionRef wanted = wanted(reference);
    ModelStatus status = require(wanted.model()).status();
    if (status.serving() != null) {
      requireWanted(wanted, status.serving());
    }
    return status;
  }

  /** One model; empty if none of that name is served here. */
  public Optional<ModelStatus> find(String name) {
    return Optional.ofNullable(slots.get(name)).map(ModelSlot::status);
  }

  /** The place of a model, made if there was none. */
  ModelSlot slot(String name) {
    return slots.computeIfAbsent(name, unused -> new ModelSlot(name, () -> freed.run()));
  }

  /** Ends the models that are not among those that there are. */
  void retain(Set<String> names) {
    tasksElsewhere.keySet().retainAll(names);
    for (String name : slots.keySet()) {
      if (!names.contains(name)) {
        ModelSlot deleted = slots.remove(name);
        if (deleted != null) {
          deleted.close();
          LOG.info("model {} was deleted", name);
        }
      }
    }
  }

  /** A model that is left to other replicas, with its task. */
  void leaveToOthers(String name, String task) {
    tasksElsewhere.put(name, task);
  }

  /** From now on, a name that was not offered is a model that does not exist. */
  void setKnown() {
    known = true;
  }

  /**
   * Whether all models are known and no version of any is being loaded or waits for its first try.
   */
  boolean isLoaded() {
    return known && slots.values().stream().noneMatch(ModelSlot::isBusy);
  }

  /** Lets everything drain; nothing serves any more. */
  void close() {
    slots.values().forEach(ModelSlot::close);
  }

  private ModelSlot requireHere(String name) {
    String elsewhere = tasksElsewhere.get(name);
    if (elsewhere != null) {
      throw notFound(
          name, "is of task %s, which the service asked does not serve".formatted(elsewhere));
    }
    return require(name);
  }

  private ModelSlot require(String name) {
    ModelSlot slot = slots.get(name);
    if (slot == null && !known) {
      throw MillraceException.unavailable("the models are not known yet; try again in a moment");
    }
    if (slot == null) {
      throw training
          .find(name)
          .map(run ->
              MillraceException.unavailable(
                  "model '%s' has no version yet, its first checkpoint will be one: %s"
                      .formatted(name, run)))
          .orElseGet(() -> notFound(name, "does not exist"));
    }
    return slot;
  }

  private static MillraceException notFound(String name, String why) {
    return new MillraceException(
        ErrorCode.MODEL_NOT_FOUND, "model '%s' %s".formatted(name, why), "model", null);
  }

  private static String whyNot(ModelStatus status) {
    ModelStatus.Rejection rejected = status.rejected();
    ModelStatus.Postponement postponed = status.postponed();
    boolean waits = status.state().equals("vacant") && rejected == null && postponed == null;
    return "model '%s' does not serve, its place is %s%s%s%s"
        .formatted(
            status.name(),
            status.state(),
            waits ? ": no version of it is promoted, or it is about to be loaded" : "",
            postponed == null
                ? ""
                : "; version %d is tried again after: %s"
                    .formatted(postponed.version(), postponed.reason()),
            rejected == null
                ? ""
                : "; version %d was refused: %s".formatted(rejected.version(), rejected.reason()));
  }
}
