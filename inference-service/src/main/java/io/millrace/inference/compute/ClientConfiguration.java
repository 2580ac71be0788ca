package io.millrace.inference.compute;

import io.millrace.platform.edge.ClientWatch;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Whose clients are watched. */
@Configuration(proxyBeanMethods = false)
class ClientConfiguration {
  /** After the filter that reads bodies: it notes that they were read. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 40;

  @Bean
  FilterRegistrationBean<ClientFilter> clientFilter(ClientWatch watch) {
    FilterRegistrationBean<ClientFilter> registration =
        new FilterRegistrationBean<>(new ClientFilter(watch));
    registration.addUrlPatterns(
        "/v1/*", "/api/detect/*", "/api/classify/*", "/api/embeddings/*", "/api/search/*");
    registration.setOrder(ORDER);
    return registration;
  }
}
