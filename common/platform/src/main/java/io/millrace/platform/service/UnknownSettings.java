package io.millrace.platform.service;

import io.millrace.platform.error.MillraceException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.core.env.Environment;

/**
 * Refuses to start a service with a setting {@code millrace.*} that it does not have: one that is
 * misspelt would be ignored, and its default would hold. Looks at files and arguments; variables of
 * the environment and system properties may be meant for others.
 */
final class UnknownSettings implements BeanFactoryPostProcessor {
  private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("millrace");

  private final Environment environment;

  UnknownSettings(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
    Map<ConfigurationPropertyName, Class<?>> records = new LinkedHashMap<>();
    for (String bean : beans.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
      Class<?> type = beans.getType(bean);
      if (type != null && type.isRecord()) {
        records.put(prefix(type), type);
      }
    }
    UnboundElementsSourceFilter filter = new UnboundElementsSourceFilter();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource named && filter.apply(source)) {
        named.stream().filter(ROOT::isAncestorOf).forEach(name -> require(name, named, records));
      }
    }
  }

  private static void require(
      ConfigurationPropertyName name,
      ConfigurationPropertySource source,
      Map<ConfigurationPropertyName, Class<?>> records) {
    boolean known =
        records.entrySet().stream()
            .anyMatch(settings ->
                settings.getKey().isAncestorOf(name)
                    && SettingNames.has(
                        settings.getValue(), name, settings.getKey().getNumberOfElements()));
    if (!known) {
      ConfigurationProperty property = source.getConfigurationProperty(name);
      String origin =
          property == null || property.getOrigin() == null ? "" : " (" + property.getOrigin() + ")";
      TreeSet<String> all = new TreeSet<>();
      records.forEach(
          (prefix, type) -> all.addAll(SettingNames.of(prefix.toString(), type).keySet()));
      throw MillraceException.precondition(
          "unknown setting " + name + origin + "; there are " + String.join(", ", all));
    }
  }

  private static ConfigurationPropertyName prefix(Class<?> settings) {
    ConfigurationProperties annotation = settings.getAnnotation(ConfigurationProperties.class);
    return ConfigurationPropertyName.of(
        annotation.value().isEmpty() ? annotation.prefix() : annotation.value());
  }
}
