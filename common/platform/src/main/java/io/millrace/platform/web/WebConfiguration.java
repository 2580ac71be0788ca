package io.millrace.platform.web;

import io.grpc.ServerInterceptor;
import io.millrace.platform.MillraceProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.type.LogicalType;

/**
 * Limits bodies, refuses unknown query parameters and unknown fields of gRPC messages, and takes no
 * number or truth value for a text in JSON.
 */
@Configuration(proxyBeanMethods = false)
@Import({MessageMemoryConfiguration.class, OpenApiConfiguration.class, PlainNumbers.class})
public class WebConfiguration implements WebMvcConfigurer {
  /** After whoever checks who calls: a stranger learns nothing about limits. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 30;

  @Bean
  FilterRegistrationBean<RequestSizeFilter> requestSizeFilter(MillraceProperties properties) {
    FilterRegistrationBean<RequestSizeFilter> registration =
        new FilterRegistrationBean<>(
            new RequestSizeFilter(
                properties.limits(), properties.timeouts(), BodyMemory.OF_PROCESS));
    registration.setOrder(ORDER);
    return registration;
  }

  @Bean
  ShutdownDelay shutdownDelay(ApplicationContext context, MillraceProperties properties) {
    return new ShutdownDelay(context, properties.shutdownDelay());
  }

  /** Before everything that answers. */
  @Bean
  FilterRegistrationBean<ClosingConnections> closingConnections(ShutdownDelay shutdown) {
    FilterRegistrationBean<ClosingConnections> registration =
        new FilterRegistrationBean<>(new ClosingConnections(shutdown));
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return registration;
  }

  /** Of a key that is there twice, one value was lost without a word. */
  @Bean
  JsonMapperBuilderCustomizer keysOnce() {
    return mapper -> mapper.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION);
  }

  /** What {@code allow-coercion-of-scalars} leaves out. */
  @Bean
  JsonMapperBuilderCustomizer textsAreTexts() {
    return mapper ->
        mapper.withCoercionConfig(
            LogicalType.Textual,
            texts ->
                texts
                    .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
  }

  @Bean
  @GlobalServerInterceptor
  ServerInterceptor unknownFields() {
    return new UnknownFields();
  }

  /**
   * Bodies are JSON: a library of the OpenAPI description would have YAML read too, past all rules
   * for JSON.
   */
  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
    converters.configureMessageConvertersList(all ->
        all.removeIf(
            converter -> converter.getSupportedMediaTypes().contains(MediaType.APPLICATION_YAML)));
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new UnknownParameters());
  }
}
