package io.millrace.gateway;

import io.millrace.platform.service.EdgeConfiguration;
import io.millrace.platform.service.ServiceLauncher;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.servlet.autoconfigure.MultipartAutoConfiguration;
import org.springframework.cloud.gateway.server.mvc.handler.GatewayMultipartAutoConfiguration;
import org.springframework.context.annotation.Import;

/**
 * The gateway: checks API keys and passes REST and gRPC calls on to the services. Forms are passed
 * on as they are, whatever the settings of the process say: the service takes them apart.
 */
@SpringBootApplication(
    exclude = {MultipartAutoConfiguration.class, GatewayMultipartAutoConfiguration.class})
@EnableConfigurationProperties(GatewayProperties.class)
@Import(EdgeConfiguration.class)
public class GatewayApplication {

  /** Starts the gateway in a process of its own. */
  public static void main(String[] arguments) {
    ServiceLauncher.main(GatewayApplication.class, "gateway", arguments);
  }
}
