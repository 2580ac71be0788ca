package io.millrace.standalone.helm.pods;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * What pods mount and what their variables refer to: ConfigMaps, Secrets, claims, empty
 * directories. Directories of this machine that belong to the pod's group, as {@code fsGroup} asks.
 */
final class Volumes {
  private final Path root;
  private final Map<String, JsonNode> objects = new LinkedHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();

  /**
   * None yet.
   *
   * @param root a directory of its own
   */
  Volumes(Path root) {
    this.root = root;
  }

  /** Makes an object known that pods may refer to. */
  void add(JsonNode object) {
    objects.put(
        object.at("/kind").asString() + "/" + object.at("/metadata/name").asString(), object);
  }

  /** All values of a ConfigMap or a Secret. */
  Map<String, String> values(String kind, String name) {
    JsonNode object = objects.get(kind + "/" + name);
    if (object == null) {
      throw new IllegalStateException(
          "there is no " + kind + " " + name + ": the pod cannot start");
    }
    Map<String, String> values = new LinkedHashMap<>();
    boolean encoded = kind.equals("Secret");
    object
        .path("data")
        .properties()
        .forEach(entry -> {
          String value = entry.getValue().asString();
          values.put(
              entry.getKey(),
              encoded
                  ? new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)
                  : value);
        });
    object
        .path("stringData")
        .properties()
        .forEach(entry -> values.put(entry.getKey(), entry.getValue().asString()));
    return values;
  }

  /** One value of a ConfigMap or a Secret. */
  String value(String kind, JsonNode reference) {
    String name = reference.path("name").asString();
    String key = reference.path("key").asString();
    String value = values(kind, name).get(key);
    if (value == null) {
      throw new IllegalStateException(kind + " " + name + " has no key " + key);
    }
    return value;
  }

  /**
   * A directory with what a volume holds.
   *
   * @param pod its specification
   */
  Path directory(JsonNode pod, String volume) {
    JsonNode found =
        pod.path("volumes")
            .valueStream()
            .filter(one -> one.path("name").asString().equals(volume))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("the pod has no volume " + volume));
    int group = pod.at("/securityContext/fsGroup").intValue(0);
    try {
      if (found.has("emptyDir")) {
        return open(root.resolve("empty-" + numbers.incrementAndGet()), group);
      }
      if (found.has("persistentVolumeClaim")) {
        String claim = found.at("/persistentVolumeClaim/claimName").asString();
        if (!objects.containsKey("PersistentVolumeClaim/" + claim)) {
          throw new IllegalStateException("there is no claim " + claim);
        }
        return open(root.resolve("claim-" + claim), group);
      }
      if (found.has("secret")) {
        return files(found.path("secret"), "Secret", "secretName", group);
      }
      if (found.has("configMap")) {
        return files(found.path("configMap"), "ConfigMap", "name", group);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("a kind of volume that is not known here: " + found);
  }

  private Path files(JsonNode source, String kind, String name, int group) throws IOException {
    Path directory = open(root.resolve("files-" + numbers.incrementAndGet()), group);
    Map<String, String> values = values(kind, source.path(name).asString());
    Map<String, String> paths = new LinkedHashMap<>();
    source
        .path("items")
        .forEach(item -> paths.put(item.path("key").asString(), item.path("path").asString()));
    if (paths.isEmpty()) {
      values.keySet().forEach(key -> paths.put(key, key));
    }
    for (Map.Entry<String, String> path : paths.entrySet()) {
      String value = values.get(path.getKey());
      if (value == null) {
        throw new IllegalStateException(kind + " has no key " + path.getKey());
      }
      Files.writeString(directory.resolve(path.getValue()), value);
    }
    return directory;
  }

  /** Open to its group, if this process may give it one, else to all. */
  private static Path open(Path directory, int group) throws IOException {
    if (Files.isDirectory(directory)) {
      return directory;
    }
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxr-x"));
    try {
      Files.setAttribute(directory, "unix:gid", group);
    } catch (IOException notPermitted) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    return directory;
  }
}
