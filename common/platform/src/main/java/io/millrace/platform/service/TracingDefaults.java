package io.millrace.platform.service;

import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.StringUtils;

/**
 * Switches tracing by its endpoint: with one, every trace is recorded unless something else is
 * said; without one, or with an empty one, as a variable that is not filled in gives it, nothing is
 * recorded or sent, and only the trace ids of requests are left.
 */
public final class TracingDefaults implements EnvironmentPostProcessor, Ordered {
  private static final String ENDPOINT = "management.opentelemetry.tracing.export.otlp.endpoint";
  private static final String SAMPLING = "management.tracing.sampling.probability";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    boolean on = StringUtils.hasText(environment.getProperty(ENDPOINT));
    if (!on) {
      // Boot would try to send to an address that is empty; contexts are passed on all the same.
      environment
          .getPropertySources()
          .addFirst(
              new MapPropertySource(
                  "no-tracing-endpoint",
                  Map.of("management.tracing.export.otlp.enabled", "false")));
    }
    Map<String, Object> defaults = new HashMap<>();
    defaults.put(SAMPLING, on ? "1.0" : "0.0");
    environment.getPropertySources().addLast(new MapPropertySource("tracing-defaults", defaults));
  }

  /** After the variables of OpenTelemetry have become settings. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }
}
