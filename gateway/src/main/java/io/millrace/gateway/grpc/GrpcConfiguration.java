package io.millrace.gateway.grpc;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.millrace.gateway.GatewayProperties;
import io.millrace.gateway.Service;
import io.millrace.platform.security.InternalToken;
import java.util.concurrent.ExecutorService;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

/** The services' gRPC methods at the gateway; messages are passed on without being parsed. */
@Configuration(proxyBeanMethods = false)
class GrpcConfiguration {

  @Bean
  Channels channels(
      GatewayProperties properties,
      ExecutorService grpcExecutor,
      @Value("${spring.grpc.server.inbound.message.max-size}") DataSize maxMessageSize) {
    return new Channels(properties, Math.toIntExact(maxMessageSize.toBytes()), grpcExecutor);
  }

  @Bean
  BindableService dataProxy(Channels channels, InternalToken tokens) {
    return proxy(Service.DATA, channels, tokens);
  }

  @Bean
  BindableService trainingProxy(Channels channels, InternalToken tokens) {
    return proxy(Service.TRAINING, channels, tokens);
  }

  @Bean
  BindableService inferenceProxy(Channels channels, InternalToken tokens) {
    return proxy(Service.INFERENCE, channels, tokens);
  }

  private static BindableService proxy(Service service, Channels channels, InternalToken tokens) {
    ManagedChannel channel = channels.of(service);
    ServerServiceDefinition.Builder definition =
        ServerServiceDefinition.builder(service.grpc().getName());
    for (MethodDescriptor<?, ?> method : service.grpc().getMethods()) {
      MethodDescriptor<byte[], byte[]> raw = bytes(method);
      definition.addMethod(raw, new ProxyHandler(service.label(), channel, raw, tokens));
    }
    ServerServiceDefinition built = definition.build();
    return () -> built;
  }

  private static MethodDescriptor<byte[], byte[]> bytes(MethodDescriptor<?, ?> method) {
    return method.toBuilder(ByteMarshaller.INSTANCE, ByteMarshaller.INSTANCE).build();
  }
}
