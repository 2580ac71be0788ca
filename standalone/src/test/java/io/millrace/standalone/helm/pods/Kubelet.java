package io.millrace.standalone.helm.pods;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A node for the pods of a release: a network of the Docker engine in which Services are names of
 * the pods that they select (from the pods' start; who asks a pod that is not ready is refused),
 * and directories for volumes. Network policies are not kept.
 */
public final class Kubelet implements AutoCloseable {
  private final String prefix;
  private final Volumes volumes;
  private final List<JsonNode> services = new ArrayList<>();
  private final Map<String, Pod> pods = new LinkedHashMap<>();

  /**
   * A node.
   *
   * @param prefix of the names of network and containers
   * @param directory for volumes
   */
  public Kubelet(String prefix, Path directory) {
    this.prefix = prefix;
    this.volumes = new Volumes(directory);
    Engine.require("network", "create", network());
  }

  /** Makes ConfigMaps, Secrets, claims and Services known. */
  public void apply(List<JsonNode> manifests) {
    for (JsonNode manifest : manifests) {
      if (manifest.at("/kind").asString().equals("Service")) {
        requirePortsAsTheyAre(manifest);
        services.add(manifest);
      } else {
        volumes.add(manifest);
      }
    }
  }

  /** Starts the pods of a Deployment or a StatefulSet. */
  public List<Pod> start(JsonNode workload) {
    List<Pod> started = new ArrayList<>();
    for (int number = 0; number < workload.at("/spec/replicas").intValue(1); number++) {
      started.add(
          start(
              workload.at("/spec/template/spec"),
              workload.at("/spec/template/metadata/labels"),
              workload.at("/metadata/name").asString() + "-" + number));
    }
    return started;
  }

  /** Runs a Job to its end, again as often as it may fail. */
  public Pod.End run(JsonNode job) {
    int attempts = 1 + job.at("/spec/backoffLimit").intValue(6);
    for (int attempt = 1; true; attempt++) {
      Pod pod =
          start(
              job.at("/spec/template/spec"),
              job.at("/spec/template/metadata/labels"),
              job.at("/metadata/name").asString() + "-" + attempt);
      Pod.End end = pod.awaitEnd();
      if (end.status() == 0 || attempt == attempts) {
        return end;
      }
    }
  }

  /** Runs a Pod that ends by itself. */
  public Pod.End runPod(JsonNode pod) {
    return start(pod.at("/spec"), pod.at("/metadata/labels"), pod.at("/metadata/name").asString())
        .awaitEnd();
  }

  /** What a Secret says. */
  public String secret(String name, String key) {
    return volumes.values("Secret", name).getOrDefault(key, "");
  }

  /** All pods, in the order of their start. */
  public List<Pod> pods() {
    return List.copyOf(pods.values());
  }

  private Pod start(JsonNode specification, JsonNode labels, String name) {
    List<String> names =
        services.stream()
            .filter(service -> selects(service.at("/spec/selector"), labels))
            .map(service -> service.at("/metadata/name").asString())
            .toList();
    Pod pod = Pod.start(specification, name, prefix, network(), names, volumes);
    pods.put(name, pod);
    return pod;
  }

  private static boolean selects(JsonNode selector, JsonNode labels) {
    return selector.properties().stream()
        .allMatch(label -> label.getValue().equals(labels.path(label.getKey())));
  }

  /** A name has the ports of its pods: a Service that gives them others cannot be had so. */
  private static void requirePortsAsTheyAre(JsonNode service) {
    Map<String, Integer> known =
        Map.of("http", 8080, "grpc", 9090, "kafka", 9092, "postgresql", 5432);
    for (JsonNode port : service.at("/spec/ports")) {
      int target = known.getOrDefault(port.path("targetPort").asString(), 0);
      if (port.path("port").intValue() != target) {
        throw new IllegalStateException("a Service with other ports than its pods': " + service);
      }
    }
  }

  private String network() {
    return prefix + "network";
  }

  @Override
  public void close() {
    // In the order in which they depend on each other, the last first.
    List<Pod> all = new ArrayList<>(pods.values());
    all.reversed().forEach(Pod::close);
    Engine.run("network", "rm", network());
  }
}
