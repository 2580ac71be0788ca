package io.millrace.inference.swap;

import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelVersion;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.springframework.stereotype.Component;

/** All models of this service by name. */
@Component
public class Models {

  private final Map<String, ModelSlot> slots = new ConcurrentSkipListMap<>();
  private final Map<String, ModelVersion> serving = new ConcurrentHashMap<>();
  private final Map<String, ModelStatus.Rejection> rejections = new ConcurrentHashMap<>();

  /**
   * Takes hold of a model of a kind.
   *
   * @throws MillraceException NOT_FOUND if there is none of that name, INVALID_ARGUMENT if it is of
   *     another kind
   */
  public <R extends ModelRuntime> HeldModel acquire(String name, Class<R> kind, String task) {
    ModelSlot slot = slots.get(name);
    HeldModel held = slot == null ? null : slot.acquire().orElse(null);
    if (held == null) {
      throw new MillraceException(
          ErrorCode.NOT_FOUND,
          "model '" + name + "' does not exist or does not serve yet",
          "model",
          null);
    }
    if (!kind.isInstance(held.runtime())) {
      String actual = held.version().task();
      held.close();
      throw MillraceException.invalid(
          "model", "model '%s' is of task %s; this needs one of %s".formatted(name, actual, task));
    }
    return held;
  }

  /** What serves, by name. */
  public List<ModelStatus> list() {
    return slots.keySet().stream().map(this::status).toList();
  }

  /**
   * One model.
   *
   * @throws MillraceException NOT_FOUND
   */
  public ModelStatus get(String name) {
    if (!slots.containsKey(name)) {
      throw MillraceException.notFound("model", name);
    }
    return status(name);
  }

  /** The version that serves; 0: none. */
  int version(String name) {
    ModelSlot slot = slots.get(name);
    return slot == null ? 0 : slot.version();
  }

  /** Makes a version serve; returns the longest pause seen so far, in milliseconds. */
  double exchange(ModelVersion version, ModelRuntime runtime) {
    ModelSlot slot = slots.computeIfAbsent(version.model(), unused -> new ModelSlot());
    slot.exchange(new Serving(version, runtime));
    serving.put(version.model(), version);
    return slot.longestPauseMillis();
  }

  void reject(ModelVersion version, String reason) {
    slots.computeIfAbsent(version.model(), unused -> new ModelSlot());
    rejections.put(version.model(), new ModelStatus.Rejection(version.version(), reason));
  }

  /** Lets everything drain; nothing serves any more. */
  void close() {
    slots.values().forEach(ModelSlot::close);
    serving.clear();
  }

  private ModelStatus status(String name) {
    ModelSlot slot = slots.getOrDefault(name, new ModelSlot());
    return new ModelStatus(
        name, serving.get(name), slot.swaps(), slot.longestPauseMillis(), rejections.get(name));
  }
}
