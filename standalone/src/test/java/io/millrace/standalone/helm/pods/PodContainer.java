package io.millrace.standalone.helm.pods;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The {@code docker create} of one container of a pod: every field of it, or an error. */
final class PodContainer {
  private final JsonNode pod;
  private final JsonNode container;
  private final String podName;
  private final Volumes volumes;

  /**
   * A container.
   *
   * @param pod specification of its pod
   * @param container specification of it
   */
  PodContainer(JsonNode pod, JsonNode container, String podName, Volumes volumes) {
    this.pod = pod;
    this.container = container;
    this.podName = podName;
    this.volumes = volumes;
  }

  /**
   * Arguments of Docker.
   *
   * @param directories those of the pod's volumes, by their names: all containers of a pod share
   *     them
   */
  List<String> create(
      String name, String network, List<String> aliases, Map<String, Path> directories) {
    List<String> arguments = new ArrayList<>(List.of("create", "--name", name));
    arguments.addAll(List.of("--hostname", podName, "--network", network));
    aliases.forEach(alias -> arguments.addAll(List.of("--network-alias", alias)));
    security(arguments);
    variables().forEach((key, value) -> arguments.addAll(List.of("--env", key + "=" + value)));
    for (JsonNode mount : container.path("volumeMounts")) {
      Path directory = directories.get(mount.path("name").asString());
      boolean readOnly = mount.path("readOnly").booleanValue(false);
      arguments.addAll(
          List.of(
              "--volume",
              directory + ":" + mount.path("mountPath").asString() + (readOnly ? ":ro" : "")));
    }
    JsonNode limits = container.at("/resources/limits");
    if (limits.has("memory")) {
      arguments.addAll(
          List.of("--memory", limits.path("memory").asString().replaceAll("i$", "").toLowerCase()));
    }
    if (container.has("workingDir")) {
      arguments.addAll(List.of("--workdir", container.path("workingDir").asString()));
    }
    List<String> words = new ArrayList<>();
    container.path("command").forEach(word -> words.add(word.asString()));
    container.path("args").forEach(word -> words.add(word.asString()));
    if (container.has("command")) {
      arguments.addAll(List.of("--entrypoint", words.removeFirst()));
    }
    arguments.add(container.path("image").asString());
    arguments.addAll(words);
    return arguments;
  }

  private void security(List<String> arguments) {
    JsonNode ofPod = pod.path("securityContext");
    if (pod.path("enableServiceLinks").booleanValue(true)) {
      throw new IllegalStateException(
          podName + " wants variables of Services, which nobody sets here");
    }
    if (!ofPod.path("runAsNonRoot").booleanValue(false)
        || ofPod.path("runAsUser").intValue() == 0) {
      throw new IllegalStateException(podName + " may run as root");
    }
    arguments.addAll(
        List.of(
            "--user",
            ofPod.path("runAsUser").intValue() + ":" + ofPod.path("runAsGroup").intValue(),
            "--group-add",
            String.valueOf(ofPod.path("fsGroup").intValue())));
    JsonNode own = container.path("securityContext");
    if (own.path("readOnlyRootFilesystem").booleanValue(false)) {
      arguments.add("--read-only");
    }
    if (!own.path("allowPrivilegeEscalation").booleanValue(true)) {
      arguments.addAll(List.of("--security-opt", "no-new-privileges"));
    }
    for (JsonNode capability : own.at("/capabilities/drop")) {
      arguments.addAll(List.of("--cap-drop", capability.asString()));
    }
  }

  /** Later ones win, those of {@code env} over those of {@code envFrom}. */
  private Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    for (JsonNode from : container.path("envFrom")) {
      for (Map.Entry<String, String> source :
          Map.of("configMapRef", "ConfigMap", "secretRef", "Secret").entrySet()) {
        if (from.has(source.getKey())) {
          variables.putAll(
              volumes.values(
                  source.getValue(), from.path(source.getKey()).path("name").asString()));
        }
      }
    }
    for (JsonNode variable : container.path("env")) {
      variables.put(variable.path("name").asString(), value(variable));
    }
    return variables;
  }

  private String value(JsonNode variable) {
    JsonNode from = variable.path("valueFrom");
    if (from.isMissingNode()) {
      return variable.path("value").asString("");
    }
    if (from.has("secretKeyRef")) {
      return volumes.value("Secret", from.path("secretKeyRef"));
    }
    if (from.has("configMapKeyRef")) {
      return volumes.value("ConfigMap", from.path("configMapKeyRef"));
    }
    if (from.at("/fieldRef/fieldPath").asString("").equals("metadata.name")) {
      return podName;
    }
    throw new IllegalStateException("cannot tell the value of " + variable);
  }
}
