package io.millrace.standalone;

import io.millrace.platform.service.SettingNames;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;

/** The settings of all services, as they are on the class path. */
public final class Settings {

  private Settings() {}

  /** By name, what is bound to it. */
  public static Map<String, RecordComponent> all() {
    ClassPathScanningCandidateComponentProvider scanner =
        new ClassPathScanningCandidateComponentProvider(false) {
          @Override
          protected boolean isCandidateComponent(AnnotatedBeanDefinition definition) {
            return definition.getMetadata().isIndependent();
          }
        };
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    Map<String, RecordComponent> all = new LinkedHashMap<>();
    for (BeanDefinition found : scanner.findCandidateComponents("io.millrace")) {
      Class<?> type = ClassUtils.resolveClassName(String.valueOf(found.getBeanClassName()), null);
      ConfigurationProperties settings = type.getAnnotation(ConfigurationProperties.class);
      all.putAll(SettingNames.of(settings.value(), type));
    }
    return all;
  }
}
