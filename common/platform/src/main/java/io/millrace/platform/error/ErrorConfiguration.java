package io.millrace.platform.error;

import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.grpc.server.exception.GrpcExceptionHandler;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Renders every failure for REST, OpenAI clients and gRPC. */
@Configuration(proxyBeanMethods = false)
@Import({ErrorAdvice.class, FallbackErrorController.class})
public class ErrorConfiguration {

  @Bean
  WebMvcConfigurer errorResolver() {
    return new WebMvcConfigurer() {
      @Override
      public void extendHandlerExceptionResolvers(List<HandlerExceptionResolver> resolvers) {
        resolvers.addLast(new ErrorResolver());
      }
    };
  }

  @Bean
  GrpcExceptionHandler grpcErrors() {
    return GrpcErrors::of;
  }
}
