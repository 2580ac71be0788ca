package io.millrace.standalone.helm.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** What an API server says of itself: its version, and which kinds it has where. */
final class Discovery {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String SCHEMAS = "/openapi/v3/";
  private static final List<Kind> KINDS =
      List.of(
          new Kind("v1", "pods", "Pod"),
          new Kind("v1", "services", "Service"),
          new Kind("v1", "configmaps", "ConfigMap"),
          new Kind("v1", "secrets", "Secret"),
          new Kind("v1", "serviceaccounts", "ServiceAccount"),
          new Kind("v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
          new Kind("apps/v1", "deployments", "Deployment"),
          new Kind("apps/v1", "replicasets", "ReplicaSet"),
          new Kind("apps/v1", "statefulsets", "StatefulSet"),
          new Kind("batch/v1", "jobs", "Job"),
          new Kind("networking.k8s.io/v1", "networkpolicies", "NetworkPolicy"),
          new Kind("networking.k8s.io/v1", "ingresses", "Ingress"),
          new Kind("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget"),
          new Kind("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
          new Kind("gateway.networking.k8s.io/v1", "httproutes", "HTTPRoute"),
          new Kind("gateway.networking.k8s.io/v1", "grpcroutes", "GRPCRoute"),
          new Kind("monitoring.coreos.com/v1", "servicemonitors", "ServiceMonitor"),
          new Kind("monitoring.coreos.com/v1", "prometheusrules", "PrometheusRule"));

  private Discovery() {}

  /**
   * A kind of object.
   *
   * @param version group and version
   * @param plural as in paths
   */
  record Kind(String version, String plural, String name) {

    /** Where its objects of a namespace are. */
    String path(String namespace) {
      return root(version) + "/namespaces/" + namespace + "/" + plural;
    }
  }

  static List<Kind> kinds() {
    return KINDS;
  }

  /** The answer to a request for discovery; empty if it is none. */
  static Optional<String> answer(String path) {
    Map<String, ?> answer =
        switch (path) {
          case "/version" -> Map.of("major", "1", "minor", "34", "gitVersion", "v1.34.0");
          case "/api" -> Map.of("kind", "APIVersions", "versions", List.of("v1"));
          case "/apis" -> Map.of("kind", "APIGroupList", "apiVersion", "v1", "groups", groups());
          case "/openapi/v3" -> Map.of("paths", schemas());
          default -> path.startsWith(SCHEMAS) ? schema(path) : resources(path);
        };
    return answer.isEmpty() ? Optional.empty() : Optional.of(JSON.writeValueAsString(answer));
  }

  private static Map<String, ?> schemas() {
    return KINDS.stream()
        .map(kind -> root(kind.version()))
        .distinct()
        .collect(
            Collectors.toMap(
                root -> root.substring(1),
                root -> Map.of("serverRelativeURL", "/openapi/v3" + root + "?hash=1")));
  }

  /** No schema, but the promise to check fields at the server: so a client need not check them. */
  private static Map<String, ?> schema(String path) {
    Map<String, ?> paths =
        KINDS.stream()
            .filter(kind -> path.equals(SCHEMAS + root(kind.version()).substring(1)))
            .collect(
                Collectors.toMap(
                    kind -> kind.path("{namespace}") + "/{name}",
                    kind -> Map.of("patch", patch(kind))));
    return Map.of(
        "openapi", "3.0.0", "info", Map.of("title", "test", "version", "1"), "paths", paths);
  }

  private static Map<String, ?> patch(Kind kind) {
    String[] version = kind.version().split("/");
    return Map.of(
        "x-kubernetes-group-version-kind",
        Map.of(
            "group",
            version.length == 1 ? "" : version[0],
            "version",
            version[version.length - 1],
            "kind",
            kind.name()),
        "parameters",
        List.of(Map.of("name", "fieldValidation", "in", "query")),
        "responses",
        Map.of());
  }

  private static List<Map<String, ?>> groups() {
    return KINDS.stream()
        .map(Kind::version)
        .filter(version -> version.contains("/"))
        .distinct()
        .map(version -> {
          Map<String, String> offered =
              Map.of("groupVersion", version, "version", version.split("/")[1]);
          return Map.of(
              "name",
              version.split("/")[0],
              "versions",
              List.of(offered),
              "preferredVersion",
              offered);
        })
        .collect(Collectors.toList());
  }

  private static Map<String, ?> resources(String path) {
    List<Kind> kinds = KINDS.stream().filter(kind -> root(kind.version()).equals(path)).toList();
    if (kinds.isEmpty()) {
      return Map.of();
    }
    List<Map<String, ?>> resources =
        kinds.stream()
            .<Map<String, ?>>map(kind ->
                Map.of(
                    "name",
                    kind.plural(),
                    "singularName",
                    "",
                    "namespaced",
                    true,
                    "kind",
                    kind.name(),
                    "verbs",
                    List.of("create", "delete", "get", "list", "patch", "update", "watch")))
            .toList();
    return Map.of(
        "kind",
        "APIResourceList",
        "apiVersion",
        "v1",
        "groupVersion",
        kinds.getFirst().version(),
        "resources",
        resources);
  }

  private static String root(String version) {
    return (version.contains("/") ? "/apis/" : "/api/") + version;
  }
}
