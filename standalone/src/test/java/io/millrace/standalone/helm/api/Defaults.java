package io.millrace.standalone.helm.api;

import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.node.ObjectNode;

/** What an API server fills in where an object says nothing, as far as Helm looks at it. */
final class Defaults {
  private static final AtomicInteger ADDRESSES = new AtomicInteger();

  private Defaults() {}

  static ObjectNode fill(ObjectNode object) {
    switch (object.path("kind").asString("")) {
      case "Deployment" -> {
        ObjectNode spec = object.withObject("/spec");
        spec.putIfAbsent("replicas", spec.numberNode(1));
        ObjectNode strategy = spec.withObject("/strategy");
        if (!strategy.path("type").asString("RollingUpdate").equals("Recreate")) {
          strategy.withObject("/rollingUpdate").put("maxSurge", "25%").put("maxUnavailable", "25%");
        }
      }
      case "Service" -> {
        ObjectNode spec = object.withObject("/spec");
        if (!spec.has("clusterIP")) {
          spec.put("clusterIP", "10.96.0." + ADDRESSES.incrementAndGet());
        }
      }
      default -> {
        // Nothing that anybody asks for.
      }
    }
    return object;
  }
}
