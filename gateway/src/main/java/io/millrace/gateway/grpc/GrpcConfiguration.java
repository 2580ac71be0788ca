package io.millrace.gateway.grpc;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.micrometer.core.instrument.binder.grpc.ObservationGrpcClientInterceptor;
import io.micrometer.observation.ObservationRegistry;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.gateway.GatewayProperties;
import io.millrace.gateway.Service;
import io.millrace.platform.security.InternalToken;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.util.unit.DataSize;

/** The services' gRPC methods at the gateway; messages are passed on without being parsed. */
@Configuration(proxyBeanMethods = false)
class GrpcConfiguration {

  @Bean
  Channels channels(
      GatewayProperties properties,
      ExecutorService grpcExecutor,
      ObservationRegistry observations,
      @Value("${spring.grpc.server.inbound.message.max-size}") DataSize maxMessageSize) {
    return new Channels(
        properties,
        Math.toIntExact(maxMessageSize.toBytes()),
        grpcExecutor,
        new ObservationGrpcClientInterceptor(observations));
  }

  /** The innermost: within the call's span. */
  @Bean
  @GlobalServerInterceptor
  @Order(Ordered.LOWEST_PRECEDENCE)
  ServerInterceptor traceIdInterceptor() {
    return new TraceIdInterceptor();
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
    List<MethodDescriptor<byte[], byte[]>> methods =
        service.grpc().getMethods().stream().map(GrpcConfiguration::bytes).toList();
    ServerServiceDefinition.Builder definition =
        ServerServiceDefinition.builder(described(service.grpc(), methods));
    for (MethodDescriptor<byte[], byte[]> method : methods) {
      definition.addMethod(method, handler(service, method, channels, tokens));
    }
    ServerServiceDefinition built = definition.build();
    return () -> built;
  }

  private static ServerCallHandler<byte[], byte[]> handler(
      Service service,
      MethodDescriptor<byte[], byte[]> method,
      Channels channels,
      InternalToken tokens) {
    List<ManagedChannel> all = channels.all(service);
    if (all.size() > 1
        && method
            .getFullMethodName()
            .equals(InferenceServiceGrpc.getListModelsMethod().getFullMethodName())) {
      return new JoinedModels(service.label(), all, tokens).handler();
    }
    String task = service.taskOf(String.valueOf(method.getBareMethodName()));
    return new ProxyHandler(service.label(), channels.of(service, task), method, tokens);
  }

  /** With the schema, which reflection answers from. */
  private static ServiceDescriptor described(
      ServiceDescriptor service, List<MethodDescriptor<byte[], byte[]>> methods) {
    ServiceDescriptor.Builder described =
        ServiceDescriptor.newBuilder(service.getName())
            .setSchemaDescriptor(service.getSchemaDescriptor());
    methods.forEach(described::addMethod);
    return described.build();
  }

  private static MethodDescriptor<byte[], byte[]> bytes(MethodDescriptor<?, ?> method) {
    return method.toBuilder(ByteMarshaller.INSTANCE, ByteMarshaller.INSTANCE).build();
  }
}
