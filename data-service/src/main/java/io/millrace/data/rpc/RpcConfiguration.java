package io.millrace.data.rpc;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.server.GlobalServerInterceptor;

/** What gRPC calls pass before they are answered. */
@Configuration(proxyBeanMethods = false)
class RpcConfiguration {

  @Bean
  @GlobalServerInterceptor
  UploadKeyInterceptor uploadKeyInterceptor() {
    return new UploadKeyInterceptor();
  }
}
