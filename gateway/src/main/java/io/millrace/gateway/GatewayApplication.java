package io.millrace.gateway;

import io.millrace.gateway.key.ApiKeys;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.service.EdgeConfiguration;
import io.millrace.platform.service.ServiceLauncher;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
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

  /**
   * Makes an API key that may do everything, for whoever has just started this gateway.
   *
   * @param name what the key is for
   * @return the key, which cannot be read again
   */
  public static String createAdminKey(ConfigurableApplicationContext gateway, String name) {
    return gateway.getBean(ApiKeys.class).create(name, ApiKeys.Scope.ADMIN).key();
  }

  /** Whether a key may do everything at this gateway now: it is known to it and not revoked. */
  public static boolean isAdminKey(ConfigurableApplicationContext gateway, String key) {
    try {
      return gateway.getBean(ApiKeys.class).authenticate(key).scope() == ApiKeys.Scope.ADMIN;
    } catch (MillraceException e) {
      return false;
    }
  }
}
