package io.millrace.platform.error;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.grpc.server.exception.GrpcExceptionHandler;

/** Renders every failure for REST, OpenAI clients and gRPC. */
@Configuration(proxyBeanMethods = false)
@Import({ErrorAdvice.class, FallbackErrorController.class})
public class ErrorConfiguration {

  @Bean
  GrpcExceptionHandler grpcErrors() {
    return GrpcErrors::of;
  }
}
