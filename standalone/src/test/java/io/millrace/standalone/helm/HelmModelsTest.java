package io.millrace.standalone.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every manifest is what Kubernetes knows by its kind: nothing is misspelt or in the wrong place.
 */
class HelmModelsTest {
  /** Kinds of the Prometheus operator, which the client does not know by itself. */
  private static final Map<String, Class<? extends HasMetadata>> OPERATOR =
      Map.of("ServiceMonitor", ServiceMonitor.class, "PrometheusRule", PrometheusRule.class);

  /** Reads beans field by field. Theirs are annotated for another Jackson to be read so. */
  private static final JsonMapper PLAIN =
      JsonMapper.builder()
          .addMixIn(KubernetesResource.class, FieldByField.class)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  @JsonDeserialize(using = ValueDeserializer.None.class)
  private interface FieldByField {}

  @ParameterizedTest
  @MethodSource("io.millrace.standalone.helm.HelmChart#ciValues")
  void hasNoFieldThatItsKindDoesNotKnow(String values) {
    Set<String> kinds = new TreeSet<>();
    List<JsonNode> manifests = new ArrayList<>(HelmChart.render(values).all());
    manifests.addAll(HelmChart.hooks(values, "{}").all());
    for (JsonNode manifest : manifests) {
      HasMetadata model = model(manifest.toString());
      kinds.add(model.getKind());

      assertThat(unknown(model)).as("%s", manifest).isEmpty();
    }
    assertThat(kinds).contains("Deployment", "Service", "ConfigMap", "NetworkPolicy", "Job", "Pod");
  }

  @Test
  void findsAFieldThatIsMisspelt() {
    String pod =
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\"spec\":"
            + "{\"containers\":[{\"name\":\"a\",\"livenesProbe\":{}}]}}";
    String rule =
        "{\"apiVersion\":\"monitoring.coreos.com/v1\",\"kind\":\"PrometheusRule\",\"metadata\":"
            + "{\"name\":\"a\"},\"spec\":{\"groups\":[{\"name\":\"a\",\"rule\":[]}]}}";

    assertThat(unknown(model(pod))).containsExactly("livenesProbe");
    assertThat(unknown(model(rule))).containsExactly("rule");
  }

  private static HasMetadata model(String manifest) {
    String kind = HelmChart.json(manifest).at("/kind").asString();
    Class<? extends HasMetadata> operator = OPERATOR.get(kind);
    HasMetadata model =
        operator == null
            ? Serialization.unmarshal(manifest, HasMetadata.class)
            : PLAIN.readValue(manifest, operator);
    assertThat(model.getClass().getSimpleName()).isEqualTo(kind);
    return model;
  }

  /**
   * Names of fields anywhere in a model that were put aside because no field of its type has them.
   */
  private static List<String> unknown(Object model) {
    List<String> names = new ArrayList<>();
    walk(model, new IdentityHashMap<>(), names);
    return names;
  }

  private static void walk(Object node, Map<Object, Object> seen, List<String> names) {
    if (node instanceof Collection<?> items) {
      items.forEach(item -> walk(item, seen, names));
      return;
    }
    if (node instanceof Map<?, ?> map) {
      map.values().forEach(item -> walk(item, seen, names));
      return;
    }
    if (node == null
        || !node.getClass().getName().startsWith("io.fabric8.")
        || node.getClass().isEnum()
        || seen.put(node, node) != null) {
      return;
    }
    for (Class<?> type = node.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.isAnnotationPresent(JsonAnyGetter.class)
            && call(method, node) instanceof Map<?, ?> other) {
          other.keySet().forEach(key -> names.add(String.valueOf(key)));
        }
      }
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())
            && !field.getName().equals("additionalProperties")) {
          walk(get(field, node), seen, names);
        }
      }
    }
  }

  private static Object call(Method method, Object target) {
    try {
      return method.invoke(target);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Object get(Field field, Object target) {
    try {
      field.setAccessible(true);
      return field.get(target);
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      throw new AssertionError(e);
    }
  }
}
