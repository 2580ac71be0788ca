package io.millrace.gateway;

import io.millrace.platform.service.EdgeConfiguration;
import io.millrace.platform.service.ServiceLauncher;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;

/** The gateway: checks API keys and passes REST and gRPC calls on to the services. */
@SpringBootApplication
@EnableConfigurationProperties(GatewayProperties.class)
@Import(EdgeConfiguration.class)
public class GatewayApplication {

  /** Starts the gateway in a process of its own. */
  public static void main(String[] arguments) {
    ServiceLauncher.main(GatewayApplication.class, "gateway", arguments);
  }
}
