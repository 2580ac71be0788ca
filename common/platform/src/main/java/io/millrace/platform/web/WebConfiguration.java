package io.millrace.platform.web;

import io.millrace.platform.MillraceProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Limits bodies and refuses unknown query parameters. */
@Configuration(proxyBeanMethods = false)
@Import(OpenApiConfiguration.class)
public class WebConfiguration implements WebMvcConfigurer {
  /** After whoever checks who calls: a stranger learns nothing about limits. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 30;

  @Bean
  FilterRegistrationBean<RequestSizeFilter> requestSizeFilter(MillraceProperties properties) {
    FilterRegistrationBean<RequestSizeFilter> registration =
        new FilterRegistrationBean<>(new RequestSizeFilter(properties.limits()));
    registration.setOrder(ORDER);
    return registration;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new UnknownParameters());
  }
}
