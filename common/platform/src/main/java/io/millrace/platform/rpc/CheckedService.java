package io.millrace.platform.rpc;

import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.ArrayList;
import java.util.List;

/**
 * A service whose methods are called with whole messages only, and as many as they take; everything
 * else is answered for them. Around the interceptors: they see what the methods see.
 */
final class CheckedService {

  private CheckedService() {}

  static ServerServiceDefinition of(ServerServiceDefinition service, MessageTimer timer) {
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    service.getMethods().forEach(method -> methods.add(checked(method, timer)));
    ServiceDescriptor described = service.getServiceDescriptor();
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(described.getName())
            .setSchemaDescriptor(described.getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder checked = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(checked::addMethod);
    return checked.build();
  }

  private static <Q, R> ServerMethodDefinition<Received<Q>, R> checked(
      ServerMethodDefinition<Q, R> method, MessageTimer timer) {
    MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
    return ServerMethodDefinition.create(
        descriptor.toBuilder(
                new Received.Reader<>(
                    descriptor.getFullMethodName(), descriptor.getRequestMarshaller()),
                descriptor.getResponseMarshaller())
            .build(),
        (call, headers) -> {
          CheckedCall<Q, R> checked = new CheckedCall<>(call, descriptor, timer);
          return checked.listener(method.getServerCallHandler().startCall(checked, headers));
        });
  }
}
