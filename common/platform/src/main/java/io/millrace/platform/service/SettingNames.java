package io.millrace.platform.service;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/** Names of the settings that a record is bound to, those of records in it included. */
public final class SettingNames {

  private SettingNames() {}

  /**
   * All of them, in kebab case; elements of lists and maps as {@code [*]} and {@code *}.
   *
   * @param prefix of the record
   * @return by name, what is bound to it
   */
  public static Map<String, RecordComponent> of(String prefix, Class<?> settings) {
    Map<String, RecordComponent> names = new LinkedHashMap<>();
    for (RecordComponent component : settings.getRecordComponents()) {
      String name = prefix + "." + DataObjectPropertyName.toDashedForm(component.getName());
      Class<?> type = component.getType();
      if (type.isRecord()) {
        names.putAll(of(name, type));
      } else if (List.class.isAssignableFrom(type)) {
        names.putAll(ofElements(name + "[*]", component));
      } else if (Map.class.isAssignableFrom(type)) {
        names.putAll(ofElements(name + ".*", component));
      } else {
        names.put(name, component);
      }
    }
    return names;
  }

  /**
   * Whether a record is bound to a name.
   *
   * @param at element of the name that is the record's
   */
  static boolean has(Class<?> settings, ConfigurationPropertyName name, int at) {
    Optional<RecordComponent> found =
        at >= name.getNumberOfElements()
            ? Optional.empty()
            : component(settings, name.getElement(at, Form.UNIFORM));
    if (found.isEmpty()) {
      return false;
    }
    Class<?> type = found.get().getType();
    if (type.isRecord()) {
      return has(type, name, at + 1);
    }
    if (List.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type)) {
      int elements = name.getNumberOfElements();
      Class<?> element = elementOf(found.get());
      // By its own name alone it is empty.
      return elements == at + 1
          || (element.isRecord() ? has(element, name, at + 2) : elements == at + 2);
    }
    return name.getNumberOfElements() == at + 1;
  }

  private static Optional<RecordComponent> component(Class<?> settings, String uniform) {
    for (RecordComponent component : settings.getRecordComponents()) {
      if (component.getName().toLowerCase(Locale.ROOT).equals(uniform)) {
        return Optional.of(component);
      }
    }
    return Optional.empty();
  }

  private static Map<String, RecordComponent> ofElements(String name, RecordComponent component) {
    Class<?> element = elementOf(component);
    return element.isRecord() ? of(name, element) : Map.of(name, component);
  }

  /** What a list holds, or a map as its values. */
  private static Class<?> elementOf(RecordComponent component) {
    Type[] arguments = ((ParameterizedType) component.getGenericType()).getActualTypeArguments();
    return arguments[arguments.length - 1] instanceof Class<?> type ? type : Object.class;
  }
}
