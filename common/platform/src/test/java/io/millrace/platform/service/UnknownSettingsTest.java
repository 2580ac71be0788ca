package io.millrace.platform.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

class UnknownSettingsTest {

  /** Settings of every shape. */
  @ConfigurationProperties("millrace.sample")
  record SampleSettings(
      int plainNumber, Inner inner, List<Inner> list, Map<String, Inner> map, List<String> texts) {

    record Inner(String someText) {}
  }

  @EnableConfigurationProperties({MillraceProperties.class, SampleSettings.class})
  static class Service {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "millrace.sample.plain-number",
        "millrace.sample.plainNumber",
        "millrace.sample.plain_number",
        "millrace.sample.inner.some-text",
        "millrace.sample.list[0].some-text",
        "millrace.sample.map.mine.some-text",
        "millrace.sample.texts[1]",
        "millrace.sample.texts",
        "millrace.sample.list",
        "millrace.sample.map",
        "millrace.kafka.bootstrap-servers",
        "millrace.limits.paths[0].size",
        "server.anything"
      })
  void startsWithSettingsThatThereAre(String name) {
    assertThatCode(() -> start(name)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "millrace.sample.plain-numbr",
        "millrace.sample.inner",
        "millrace.sample.inner.text",
        "millrace.sample.plain-number.more",
        "millrace.sample.list[0].text",
        "millrace.sample.map.mine.text",
        "millrace.sampel.plain-number",
        "millrace.kafka.bootstrap",
        "millrace.other"
      })
  void refusesOneThatThereIsNotByItsName(String name) {
    assertThatThrownBy(() -> start(name))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("unknown setting " + name)
        .hasMessageContaining("millrace.sample.plain-number, ")
        .hasMessageNotContaining("hush");
  }

  @Test
  void knowsNamesOfEveryShape() {
    assertThat(SettingNames.of("millrace.sample", SampleSettings.class).keySet())
        .containsExactly(
            "millrace.sample.plain-number",
            "millrace.sample.inner.some-text",
            "millrace.sample.list[*].some-text",
            "millrace.sample.map.*.some-text",
            "millrace.sample.texts[*]");
  }

  private static void start(String name) {
    try (var context = new AnnotationConfigApplicationContext()) {
      context
          .getEnvironment()
          .getPropertySources()
          .addFirst(new MapPropertySource("arguments", Map.of(name, "hush")));
      context.addBeanFactoryPostProcessor(new UnknownSettings(context.getEnvironment()));
      context.register(Service.class);
      context.addBeanFactoryPostProcessor(beans -> {
        throw new Started();
      });
      context.refresh();
    } catch (Started started) {
      // What comes next would bind the settings, to a text that is no number.
    }
  }

  private static final class Started extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
