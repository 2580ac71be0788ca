package io.millrace.standalone.helm;

import static io.millrace.standalone.helm.HelmChart.render;
import static io.millrace.standalone.helm.HelmChart.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Tasks;
import io.millrace.platform.service.PlatformDefaults;
import io.millrace.standalone.Settings;
import io.millrace.standalone.helm.HelmChart.Manifests;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart and the services agree: on classes, on settings, on what starts where. */
class HelmSettingsTest {
  /** Variables that no Spring setting stands for: DJL's, AWS's, and an example of one's own. */
  private static final List<String> OTHERS =
      List.of(
          "DJL_CACHE_DIR", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MILLRACE_EXAMPLE_TOKEN");

  @Test
  void namesMainClassesThatAreThere() throws Exception {
    for (JsonNode deployment : render("minimal").ofKind("Deployment")) {
      JsonNode command = deployment.at("/spec/template/spec/containers/0/command");
      Class<?> main = Class.forName(command.get(command.size() - 1).asString());

      int modifiers = main.getMethod("main", String[].class).getModifiers();
      assertThat(Modifier.isStatic(modifiers)).as("%s", main).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("io.millrace.standalone.helm.HelmChart#ciValues")
  void setsVariablesThatSettingsAreBoundTo(String values) throws Exception {
    Manifests manifests = render(values);
    List<String> variables = new ArrayList<>();
    for (JsonNode deployment : manifests.ofKind("Deployment")) {
      String settings =
          text(deployment, "/spec/template/spec/containers/0/envFrom/0/configMapRef/name");
      variables.addAll(manifests.one("ConfigMap", settings).at("/data").propertyNames());
    }
    for (JsonNode deployment : manifests.ofKind("Deployment")) {
      for (JsonNode variable : deployment.at("/spec/template/spec/containers/0/env")) {
        variables.add(text(variable, "/name"));
      }
    }
    Set<String> bound = new HashSet<>(OTHERS);
    bound.addAll(ofSpring());
    bound.addAll(ofMillrace());

    assertThat(variables).hasSizeGreaterThan(30);
    assertThat(bound).containsAll(variables);
  }

  @Test
  void startsWhatOnlyTheGatewayNeedsInTheGatewayOnly() throws IOException {
    assertThat(excluded("gateway")).isEmpty();
    for (String service : List.of("data-service", "training-service", "inference-service")) {
      assertThat(excluded(service))
          .hasSize(7)
          .allMatch(name -> ClassUtils.isPresent(name, null), "is there");
    }
  }

  /** As a service finds it: its own file before the defaults of all. */
  private static List<String> excluded(String service) throws IOException {
    StandardEnvironment environment = new StandardEnvironment();
    new YamlPropertySourceLoader()
        .load(service, new ClassPathResource(service + ".yml"))
        .forEach(environment.getPropertySources()::addLast);
    new PlatformDefaults().postProcessEnvironment(environment, new SpringApplication());
    return Binder.get(environment)
        .bind("spring.autoconfigure.exclude", String[].class)
        .map(List::of)
        .orElse(List.of());
  }

  /** Variables of the settings that Spring Boot and its companions describe. */
  private static Set<String> ofSpring() throws IOException {
    Set<String> variables = new HashSet<>();
    JsonMapper json = new JsonMapper();
    for (URL description :
        Collections.list(
            HelmSettingsTest.class
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
      for (JsonNode property : json.readTree(description.openStream()).get("properties")) {
        variables.add(variable(property.get("name").asString()));
      }
    }
    return variables;
  }

  /** Variables of all records of settings. */
  private static Set<String> ofMillrace() {
    return Settings.all().keySet().stream()
        .flatMap(
            setting -> Tasks.ALL.stream().map(task -> setting.replace(".*.", "." + task + ".")))
        .map(HelmSettingsTest::variable)
        .collect(Collectors.toSet());
  }

  /**
   * Spring's rule: dots become underscores, dashes go, all in upper case; a list is one variable.
   */
  private static String variable(String setting) {
    return setting.replace("[*]", "").replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
  }
}
