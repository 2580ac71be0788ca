package io.millrace.training;

import io.millrace.platform.service.PlatformConfiguration;
import io.millrace.platform.service.ServiceLauncher;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;

/** The training service. */
@SpringBootApplication
@Import(PlatformConfiguration.class)
@EnableConfigurationProperties(TrainingProperties.class)
public class TrainingServiceApplication {
  /** Name of the service and of its configuration file. */
  public static final String NAME = "training-service";

  /** Starts the service in a process of its own. */
  public static void main(String[] arguments) {
    ServiceLauncher.main(TrainingServiceApplication.class, NAME, arguments);
  }
}
