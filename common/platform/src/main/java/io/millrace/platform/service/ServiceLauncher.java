package io.millrace.platform.service;

import io.millrace.platform.log.KafkaWarnings;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/**
 * Starts a service so that it can share its process with others: its configuration is read from
 * {@code <service>.yml} alone (all services may be on one class path), without banner, JMX,
 * shutdown hook of its own on request, and never with the settings of another service.
 */
public final class ServiceLauncher {
  private ServiceLauncher() {}

  /**
   * Starts a service in a process of its own, {@linkplain ProcessSetup set up} by system
   * properties; it stops when the process is told to.
   *
   * @param application the {@code @SpringBootApplication}
   * @param service name of the service and of its configuration file, e.g. {@code data-service}
   */
  public static ConfigurableApplicationContext main(
      Class<?> application, String service, String... arguments) {
    ProcessSetup.apply();
    return application(application, service).run(arguments);
  }

  /**
   * Starts a service inside a process that others use too. The caller closes it; logging is the
   * business of the process ({@code logback.xml}), {@code logging.*} settings have no effect.
   *
   * @param properties settings that win over the configuration file
   */
  public static ConfigurableApplicationContext start(
      Class<?> application, String service, Map<String, ?> properties) {
    if (!SLF4JBridgeHandler.isInstalled()) {
      // Tomcat and gRPC log through java.util.logging.
      SLF4JBridgeHandler.removeHandlersForRootLogger();
      SLF4JBridgeHandler.install();
    }
    SpringApplication spring = application(application, service);
    spring.setRegisterShutdownHook(false);
    // The process has one logging system, and its owner has configured it.
    spring.setListeners(
        spring.getListeners().stream()
            .filter(listener -> !(listener instanceof LoggingApplicationListener))
            .toList());
    String[] arguments =
        properties.entrySet().stream()
            .map(property -> "--" + property.getKey() + "=" + property.getValue())
            .toArray(String[]::new);
    return spring.run(arguments);
  }

  /** Port of the running service's HTTP server. */
  public static int httpPort(ConfigurableApplicationContext service) {
    return service.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  /** Port of the running service's gRPC server. */
  public static int grpcPort(ConfigurableApplicationContext service) {
    return service.getBean(GrpcServerLifecycle.class).getPort();
  }

  private static SpringApplication application(Class<?> application, String service) {
    SpringApplication spring = new SpringApplication(application);
    spring.setWebApplicationType(WebApplicationType.SERVLET);
    spring.setBannerMode(Banner.Mode.OFF);
    spring.setLogStartupInfo(false);
    Map<String, Object> names = new HashMap<>();
    names.put("spring.application.name", service);
    names.put("spring.config.name", service);
    spring.setDefaultProperties(names);
    // When logging is set up: setting it up would forget it.
    spring.addInitializers(context -> KafkaWarnings.limit());
    return spring;
  }
}
