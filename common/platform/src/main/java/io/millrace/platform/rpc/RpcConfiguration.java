package io.millrace.platform.rpc;

import io.grpc.ServerBuilder;
import io.millrace.platform.MillraceProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.service.DefaultGrpcServiceConfigurer;
import org.springframework.grpc.server.service.GrpcServiceConfigurer;

/** Has the messages of all methods checked before they are called. */
@Configuration(proxyBeanMethods = false)
public class RpcConfiguration {

  @Bean
  MessageTimer messageTimer(MillraceProperties properties) {
    return new MessageTimer(properties.timeouts().silence());
  }

  @Bean
  <T extends ServerBuilder<T>> ServerBuilderCustomizer<T> unknownMethods() {
    return builder -> builder.fallbackHandlerRegistry(new UnknownMethods());
  }

  @Bean
  GrpcServiceConfigurer checkedServices(ApplicationContext context, MessageTimer timer) {
    DefaultGrpcServiceConfigurer standard = new DefaultGrpcServiceConfigurer(context);
    standard.afterPropertiesSet();
    return (service, factory) -> CheckedService.of(standard.configure(service, factory), timer);
  }
}
