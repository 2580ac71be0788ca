package io.millrace.gateway.health;

import io.millrace.gateway.GatewayProperties;
import io.millrace.gateway.Replicas;
import io.millrace.gateway.Service;
import java.net.InetAddress;
import java.net.http.HttpClient;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Whether the services behind the gateway are ready, at {@code /actuator/health/services}. The
 * gateway's own readiness does not ask: one service that restarts must not take the others away.
 */
@Configuration(proxyBeanMethods = false)
class HealthConfiguration {

  @Bean("data-service")
  HealthIndicator dataService(HttpClient gatewayHttpClient, GatewayProperties properties) {
    return health(gatewayHttpClient, properties, Service.DATA);
  }

  @Bean("training-service")
  HealthIndicator trainingService(HttpClient gatewayHttpClient, GatewayProperties properties) {
    return health(gatewayHttpClient, properties, Service.TRAINING);
  }

  @Bean("inference-service")
  HealthIndicator inferenceService(HttpClient gatewayHttpClient, GatewayProperties properties) {
    return health(gatewayHttpClient, properties, Service.INFERENCE);
  }

  private static HealthIndicator health(
      HttpClient http, GatewayProperties properties, Service service) {
    return new ServiceHealth(
        http,
        service.backends(properties).stream().map(GatewayProperties.Backend::url).toList(),
        new Replicas(InetAddress::getAllByName));
  }
}
