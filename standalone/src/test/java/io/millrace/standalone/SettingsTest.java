package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.data.DataServiceApplication;
import io.millrace.gateway.GatewayApplication;
import io.millrace.inference.InferenceServiceApplication;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.training.TrainingServiceApplication;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Names and defaults of all settings are pinned by docs/settings.md; what is not there is none. */
class SettingsTest {

  private static final Pattern ROW =
      Pattern.compile("\\| `(millrace\\.[^`]+)` \\| (empty|–|`[^`]+`) \\| \\S.* \\|");

  @Test
  void areDescribedWithTheirDefaults() throws IOException {
    Map<String, String> described = new LinkedHashMap<>();
    for (String line : Files.readAllLines(Path.of("../docs/settings.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        assertThat(described.put(row.group(1), row.group(2).replace("`", ""))).as(line).isNull();
      }
    }
    Map<String, String> settings = new LinkedHashMap<>();
    Settings.all().forEach((name, component) -> settings.put(name, defaultOf(component)));

    assertThat(settings).hasSizeGreaterThan(50);
    assertThat(described).containsExactlyInAnyOrderEntriesOf(settings);
  }

  static Stream<Arguments> services() {
    return Stream.of(
        Arguments.of(DataServiceApplication.class, "data-service", "millrace.data.partitons"),
        Arguments.of(
            TrainingServiceApplication.class, "training-service", "millrace.training.lease.pol"),
        Arguments.of(
            InferenceServiceApplication.class, "inference-service", "millrace.data.partitions"),
        Arguments.of(GatewayApplication.class, "gateway", "millrace.gatway.connect-timeout"));
  }

  @ParameterizedTest
  @MethodSource("services")
  void keepAServiceFromStartingIfItHasNoSuchSetting(
      Class<?> application, String service, String setting) {
    assertThatThrownBy(() -> ServiceLauncher.start(application, service, Map.of(setting, "4")))
        .hasMessageContaining("unknown setting " + setting)
        .hasMessageContaining("millrace.internal.secret, ");
  }

  /** As the record's constructor declares it. */
  private static String defaultOf(RecordComponent component) {
    Class<?> settings = component.getDeclaringRecord();
    List<RecordComponent> components = List.of(settings.getRecordComponents());
    Class<?>[] types = components.stream().map(RecordComponent::getType).toArray(Class<?>[]::new);
    int place =
        components.stream().map(RecordComponent::getName).toList().indexOf(component.getName());
    try {
      DefaultValue value =
          settings
              .getDeclaredConstructor(types)
              .getParameters()[place]
              .getAnnotation(DefaultValue.class);
      return value == null ? "–" : text(value);
    } catch (NoSuchMethodException e) {
      throw new AssertionError("every record has it", e);
    }
  }

  private static String text(DefaultValue value) {
    String text = String.join(",", value.value());
    return text.isEmpty() ? "empty" : text;
  }
}
