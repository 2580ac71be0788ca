package io.millrace.inference;

import io.millrace.platform.service.PlatformConfiguration;
import io.millrace.platform.service.ServiceLauncher;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;

/** The inference service. */
@SpringBootApplication
@Import(PlatformConfiguration.class)
@EnableConfigurationProperties(InferenceProperties.class)
public class InferenceServiceApplication {
  /** Name of the service and of its configuration file. */
  public static final String NAME = "inference-service";

  /** Starts the service in a process of its own. */
  public static void main(String[] arguments) {
    ServiceLauncher.main(InferenceServiceApplication.class, NAME, arguments);
  }
}
