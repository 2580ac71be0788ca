package io.millrace.inference.swap;

import io.millrace.platform.registry.ModelVersion;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * In which trace the newest version of each model was published, as its event said. A hint like the
 * event itself: a version that was found in the registry before its event came is loaded in a trace
 * of its own.
 */
@Component
final class PublishedTraces {
  private final Map<String, Published> newest = new ConcurrentHashMap<>();

  private record Published(long version, String traceparent) {}

  /** Notes a version's trace; null: it has none. */
  void note(String model, long version, @Nullable String traceparent) {
    if (traceparent == null) {
      newest.remove(model);
    } else {
      newest.put(model, new Published(version, traceparent));
    }
  }

  /** The trace of a version; null if it is not known. */
  @Nullable String of(ModelVersion version) {
    Published published = newest.get(version.model());
    return published == null || published.version != version.version()
        ? null
        : published.traceparent;
  }
}
