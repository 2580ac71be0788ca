package io.millrace.data;

import io.millrace.platform.service.PlatformConfiguration;
import io.millrace.platform.service.ServiceLauncher;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;

/** The data service. */
@SpringBootApplication
@Import(PlatformConfiguration.class)
@EnableConfigurationProperties(DataProperties.class)
public class DataServiceApplication {
  /** Name of the service and of its configuration file. */
  public static final String NAME = "data-service";

  /** Starts the service. */
  public static void main(String[] arguments) {
    ServiceLauncher.main(DataServiceApplication.class, NAME, arguments);
  }
}
