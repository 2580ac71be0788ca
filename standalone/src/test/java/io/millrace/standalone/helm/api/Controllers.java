package io.millrace.standalone.helm.api;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a cluster's controllers and nodes would do to the objects: claims are bound, Deployments get
 * their ReplicaSet, pods become ready, Jobs and Pods end well. Pods whose image has the tag {@code
 * broken} never become ready.
 */
final class Controllers implements AutoCloseable {
  private static final Map<String, Discovery.Kind> KINDS =
      Discovery.kinds().stream()
          .collect(java.util.stream.Collectors.toMap(Discovery.Kind::name, kind -> kind));

  private static final System.Logger LOG = System.getLogger(Controllers.class.getName());

  private final ApiServer api;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("controllers").unstarted(task));

  Controllers(ApiServer api) {
    this.api = api;
  }

  void start() {
    timer.scheduleWithFixedDelay(this::round, 20, 50, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private void round() {
    try {
      each("PersistentVolumeClaim", claim -> status(claim).put("phase", "Bound"));
      each("Pod", pod -> status(pod).put("phase", "Succeeded"));
      each("Job", Controllers::complete);
      each("StatefulSet", set -> ready(set, set.at("/spec/replicas")));
      each("Deployment", this::roll);
      collectGarbage();
    } catch (RuntimeException e) {
      // The server may be closing; a fault of ours shows by what never gets ready.
      LOG.log(System.Logger.Level.WARNING, "a round of the controllers failed", e);
    }
  }

  /** Writes back what a change made of each object of a kind, if it changed anything. */
  private void each(String kind, java.util.function.Consumer<ObjectNode> change) {
    for (JsonNode object : api.list(kind(kind))) {
      ObjectNode changed = (ObjectNode) object.deepCopy();
      change.accept(changed);
      if (!changed.equals(object)) {
        api.putStatus(kind(kind), changed);
      }
    }
  }

  private static void complete(ObjectNode job) {
    ObjectNode status = status(job);
    status.put("succeeded", 1);
    status.putArray("conditions").addObject().put("type", "Complete").put("status", "True");
  }

  private void roll(ObjectNode deployment) {
    JsonNode template = deployment.at("/spec/template");
    String hash = HexFormat.of().toHexDigits(template.hashCode());
    String name = ApiServer.name(deployment) + "-" + hash;
    List<JsonNode> sets = api.list(kind("ReplicaSet"));
    if (sets.stream().noneMatch(set -> ApiServer.name(set).equals(name))) {
      api.post(kind("ReplicaSet"), replicaSet(deployment, name));
    }
    ObjectNode status = status(deployment);
    if (template.at("/spec/containers/0/image").asString().endsWith(":broken")) {
      status.put("unavailableReplicas", 1).put("updatedReplicas", 0).put("readyReplicas", 0);
      return;
    }
    status.remove("unavailableReplicas");
    ready(deployment, deployment.at("/spec/replicas"));
    for (JsonNode set : api.list(kind("ReplicaSet"))) {
      if (ApiServer.name(set).equals(name)) {
        ObjectNode changed = (ObjectNode) set.deepCopy();
        ready(changed, deployment.at("/spec/replicas"));
        if (!changed.equals(set)) {
          api.putStatus(kind("ReplicaSet"), changed);
        }
      }
    }
  }

  private static ObjectNode replicaSet(ObjectNode deployment, String name) {
    ObjectNode set = deployment.objectNode();
    set.put("apiVersion", "apps/v1").put("kind", "ReplicaSet");
    ObjectNode metadata = set.putObject("metadata");
    metadata.put("name", name).put("namespace", "apps");
    metadata.set("labels", deployment.at("/spec/template/metadata/labels"));
    metadata
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", "apps/v1")
        .put("kind", "Deployment")
        .put("name", ApiServer.name(deployment))
        .put("uid", deployment.at("/metadata/uid").asString(""))
        .put("controller", true);
    ObjectNode spec = set.putObject("spec");
    for (String field : List.of("replicas", "selector", "template")) {
      spec.set(field, deployment.at("/spec/" + field));
    }
    return set;
  }

  /** As many pods as an object wants are there, and the controller has seen its newest state. */
  private static void ready(ObjectNode object, JsonNode replicas) {
    ObjectNode status = status(object);
    status.put("observedGeneration", object.at("/metadata/generation").longValue(0));
    for (String field :
        List.of("replicas", "readyReplicas", "availableReplicas", "updatedReplicas")) {
      status.put(field, replicas.intValue(1));
    }
  }

  /** What belongs to an object goes with it. */
  private void collectGarbage() {
    List<String> owners = api.list(kind("Deployment")).stream().map(ApiServer::name).toList();
    for (JsonNode set : api.list(kind("ReplicaSet"))) {
      if (!owners.contains(set.at("/metadata/ownerReferences/0/name").asString())) {
        api.delete(kind("ReplicaSet"), ApiServer.name(set));
      }
    }
  }

  private static ObjectNode status(ObjectNode object) {
    return object.withObject("/status");
  }

  private static Discovery.Kind kind(String name) {
    Discovery.Kind kind = KINDS.get(name);
    if (kind == null) {
      throw new IllegalArgumentException(name);
    }
    return kind;
  }
}
