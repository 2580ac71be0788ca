package io.millrace.platform.web;

import io.grpc.ServerBuilder;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.service.GrpcServiceConfigurer;
import org.springframework.grpc.server.service.GrpcServiceSpec;

/** Messages of gRPC take part in the memory for bodies. */
@Configuration(proxyBeanMethods = false)
class MessageMemoryConfiguration {

  @Bean
  <T extends ServerBuilder<T>> ServerBuilderCustomizer<T> messageMemory() {
    return builder -> builder.addStreamTracerFactory(MessageMemory.factory(BodyMemory.OF_PROCESS));
  }

  /** Innermost: whoever else looks at messages sees what was let in. */
  @Bean
  static BeanPostProcessor weighedServices() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof GrpcServiceConfigurer configurer ? weighed(configurer) : bean;
      }
    };
  }

  private static GrpcServiceConfigurer weighed(GrpcServiceConfigurer configurer) {
    return (service, factory) ->
        configurer.configure(
            new GrpcServiceSpec(WeighedService.of(service.service()), service.serviceInfo()),
            factory);
  }
}
