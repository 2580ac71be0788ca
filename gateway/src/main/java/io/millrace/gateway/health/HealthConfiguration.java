package io.millrace.gateway.health;

import io.millrace.gateway.GatewayProperties;
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
    return new ServiceHealth(gatewayHttpClient, properties.data().url());
  }

  @Bean("training-service")
  HealthIndicator trainingService(HttpClient gatewayHttpClient, GatewayProperties properties) {
    return new ServiceHealth(gatewayHttpClient, properties.training().url());
  }

  @Bean("inference-service")
  HealthIndicator inferenceService(HttpClient gatewayHttpClient, GatewayProperties properties) {
    return new ServiceHealth(gatewayHttpClient, properties.inference().url());
  }
}
