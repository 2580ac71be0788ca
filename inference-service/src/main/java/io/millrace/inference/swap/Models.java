package io.millrace.inference.swap;

import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.springframework.stereotype.Component;

/** All models of this service by name. */
@Component
public class Models {

  private final Map<String, ModelSlot> slots = new ConcurrentSkipListMap<>();
  private final Map<String, String> tasksElsewhere = new ConcurrentHashMap<>();
  private final ModelsInTraining training;
  private volatile boolean known;

  Models(ModelsInTraining training) {
    this.training = training;
  }

  /**
   * Takes hold of the version of a model that serves now.
   *
   * @throws MillraceException MODEL_NOT_FOUND if there is none of that name or it is left to other
   *     replicas, UNAVAILABLE with the reason if no version of it serves, it has none yet, or it is
   *     not known yet which models there are, INVALID_ARGUMENT if it is of another kind
   */
  public <R extends ModelRuntime> Held<R> acquire(String name, Kind<R> kind) {
    String elsewhere = tasksElsewhere.get(name);
    if (elsewhere != null) {
      throw notFound(
          name, "is of task %s, which the service asked does not serve".formatted(elsewhere));
    }
    ModelSlot slot = require(name);
    SwapHolder.Lease<LoadedModel> lease = slot.acquire();
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
    return new Held<>(lease, kind.type().cast(loaded.runtime()));
  }

  /** All models, by name. */
  public List<ModelStatus> list() {
    return slots.values().stream().map(ModelSlot::status).toList();
  }

  /**
   * One model.
   *
   * @throws MillraceException MODEL_NOT_FOUND, or UNAVAILABLE if it has no version yet
   */
  public ModelStatus get(String name) {
    return require(name).status();
  }

  /** One model; empty if none of that name is served here. */
  public Optional<ModelStatus> find(String name) {
    return Optional.ofNullable(slots.get(name)).map(ModelSlot::status);
  }

  /** The place of a model, made if there was none. */
  ModelSlot slot(String name) {
    return slots.computeIfAbsent(name, ModelSlot::new);
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
    return "model '%s' does not serve, its place is %s%s%s"
        .formatted(
            status.name(),
            status.state(),
            postponed == null
                ? ""
                : "; version %d is tried again after: %s"
                    .formatted(postponed.version(), postponed.reason()),
            rejected == null
                ? ""
                : "; version %d was refused: %s".formatted(rejected.version(), rejected.reason()));
  }
}
