package io.millrace.standalone.helm.api;

import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kubernetes' strategic merge patch, by which Helm changes objects: as a JSON merge patch, but
 * lists of named things are merged by their names. fabric8's server would put the patch's list in
 * place of the object's. For the fields that the chart uses.
 */
final class StrategicMerge {
  /** What the elements of a list are known by, by the list's name. */
  private static final Map<String, List<String>> KEYS =
      Map.of(
          "containers", List.of("name"),
          "initContainers", List.of("name"),
          "env", List.of("name"),
          "volumes", List.of("name"),
          "imagePullSecrets", List.of("name"),
          "volumeMounts", List.of("mountPath"),
          "ports", List.of("containerPort", "port"),
          "topologySpreadConstraints", List.of("topologyKey"));

  private StrategicMerge() {}

  /** The object after the patch. */
  static ObjectNode merge(ObjectNode object, ObjectNode patch) {
    ObjectNode merged = object.deepCopy();
    if (patch.path("$patch").asString("").equals("replace")) {
      merged.removeAll();
    }
    JsonNode retained = patch.path("$retainKeys");
    if (retained.isArray()) {
      List<String> names = retained.valueStream().map(JsonNode::asString).toList();
      merged.retain(names);
    }
    for (Entry<String, JsonNode> field : patch.properties()) {
      String name = field.getKey();
      if (name.startsWith("$")) {
        continue;
      }
      JsonNode value = field.getValue();
      if (value.isNull()) {
        merged.remove(name);
      } else if (value instanceof ObjectNode nested) {
        JsonNode before = merged.path(name);
        merged.set(
            name,
            merge(
                before instanceof ObjectNode old ? old : JsonNodeFactory.instance.objectNode(),
                nested));
      } else if (value instanceof ArrayNode list && KEYS.containsKey(name)) {
        merged.set(name, mergeList(merged.path(name), list, KEYS.getOrDefault(name, List.of())));
      } else {
        merged.set(name, value);
      }
    }
    return merged;
  }

  private static ArrayNode mergeList(JsonNode before, ArrayNode patch, List<String> keys) {
    ArrayNode merged = JsonNodeFactory.instance.arrayNode();
    before.forEach(merged::add);
    for (JsonNode element : patch) {
      int place = find(merged, element, keys);
      boolean delete = element.path("$patch").asString("").equals("delete");
      if (delete && place >= 0) {
        merged.remove(place);
      } else if (!delete && place >= 0) {
        merged.set(place, merge((ObjectNode) merged.get(place), (ObjectNode) element));
      } else if (!delete) {
        merged.add(element);
      }
    }
    return merged;
  }

  private static int find(ArrayNode list, JsonNode element, List<String> keys) {
    for (int place = 0; place < list.size(); place++) {
      JsonNode key = key(list.get(place), keys);
      if (key != null && key.equals(key(element, keys))) {
        return place;
      }
    }
    return -1;
  }

  private static @Nullable JsonNode key(JsonNode element, List<String> keys) {
    return keys.stream().map(element::get).filter(key -> key != null).findFirst().orElse(null);
  }
}
