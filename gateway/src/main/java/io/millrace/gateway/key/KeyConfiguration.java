package io.millrace.gateway.key;

import io.grpc.ServerInterceptor;
import io.millrace.gateway.GatewayProperties;
import java.security.SecureRandom;
import java.time.Clock;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Requires an API key on every HTTP path and gRPC method that is not open. */
@Configuration(proxyBeanMethods = false)
class KeyConfiguration implements WebMvcConfigurer {

  @Bean
  ApiKeys apiKeys(JdbcClient jdbc, Clock clock, GatewayProperties properties) {
    ApiKeys keys = new ApiKeys(jdbc, clock, new SecureRandom());
    if (!properties.bootstrapKey().isEmpty()) {
      try {
        keys.ensureAdmin(properties.bootstrapKey(), "bootstrap");
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("millrace.gateway.bootstrap-key: " + e.getMessage(), e);
      }
    }
    return keys;
  }

  @Bean
  FilterRegistrationBean<ApiKeyFilter> apiKeyFilter(ApiKeys keys) {
    FilterRegistrationBean<ApiKeyFilter> registration =
        new FilterRegistrationBean<>(new ApiKeyFilter(keys));
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 20);
    return registration;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new AdminOnly()).order(Ordered.HIGHEST_PRECEDENCE);
  }

  @Bean
  @GlobalServerInterceptor
  @Order(Ordered.HIGHEST_PRECEDENCE)
  ServerInterceptor apiKeyInterceptor(ApiKeys keys) {
    return new ApiKeyInterceptor(keys);
  }
}
