package io.millrace.platform.security;

import io.grpc.ServerInterceptor;
import io.millrace.platform.MillraceProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.server.GlobalServerInterceptor;

/** Requires the internal token on every HTTP path and gRPC method that is not open. */
@Configuration(proxyBeanMethods = false)
public class SecurityConfiguration {

  @Bean
  FilterRegistrationBean<InternalTokenFilter> internalTokenFilter(
      InternalToken tokens, MillraceProperties properties) {
    FilterRegistrationBean<InternalTokenFilter> registration =
        new FilterRegistrationBean<>(
            new InternalTokenFilter(
                tokens, new MetricsToken(properties.internal().metricsToken())));
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 20);
    return registration;
  }

  @Bean
  @GlobalServerInterceptor
  @Order(Ordered.HIGHEST_PRECEDENCE)
  ServerInterceptor internalTokenInterceptor(InternalToken tokens) {
    return new InternalTokenInterceptor(tokens);
  }
}
