package io.millrace.platform.web;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.millrace.platform.error.GrpcErrors;
import io.millrace.platform.error.MillraceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A service whose messages find memory before they are parsed, or are refused. */
final class WeighedService {
  private WeighedService() {}

  static BindableService of(BindableService service) {
    ServerServiceDefinition weighed = of(service.bindService());
    return () -> weighed;
  }

  private static ServerServiceDefinition of(ServerServiceDefinition service) {
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    service.getMethods().forEach(method -> methods.add(weighed(method)));
    ServiceDescriptor described = service.getServiceDescriptor();
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(described.getName())
            .setSchemaDescriptor(described.getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder weighed = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(weighed::addMethod);
    return weighed.build();
  }

  private static <Q, R> ServerMethodDefinition<Q, R> weighed(ServerMethodDefinition<Q, R> method) {
    MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
    ServerCallHandler<Q, R> handler = method.getServerCallHandler();
    return ServerMethodDefinition.create(
        descriptor.toBuilder(
                new Weighed<>(descriptor.getRequestMarshaller()),
                descriptor.getResponseMarshaller())
            .build(),
        (call, headers) -> new Refusing<>(call, handler.startCall(call, headers)));
  }

  /**
   * Reads a message once it has found memory. What a marshaller throws would be answered with
   * UNKNOWN: a message without memory becomes an empty one, which nobody is given.
   */
  private record Weighed<Q>(Marshaller<Q> marshaller) implements Marshaller<Q> {

    @Override
    public Q parse(InputStream stream) {
      MessageMemory memory = MessageMemory.current();
      if (memory == null) {
        return marshaller.parse(stream);
      }
      try {
        // Before its bytes are copied, and then for what they become.
        if (!memory.hold(stream instanceof KnownLength ? stream.available() : 0)) {
          return marshaller.parse(new Whole(new byte[0]));
        }
        byte[] bytes = stream.readAllBytes();
        return marshaller.parse(
            new Whole(memory.hold(MessageWeight.of(bytes, type())) ? bytes : new byte[0]));
      } catch (IOException e) {
        throw Status.INTERNAL
            .withDescription("the message cannot be read")
            .withCause(e)
            .asRuntimeException();
      }
    }

    private @Nullable Descriptor type() {
      return marshaller instanceof PrototypeMarshaller<?> typed
              && typed.getMessagePrototype() instanceof Message message
          ? message.getDescriptorForType()
          : null;
    }

    @Override
    public InputStream stream(Q value) {
      return marshaller.stream(value);
    }
  }

  /** Ends the call whose message found no memory. */
  private static final class Refusing<Q, R> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, R> call;
    private boolean refused;

    Refusing(ServerCall<Q, R> call, ServerCall.Listener<Q> target) {
      super(target);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      MessageMemory memory = MessageMemory.current();
      MillraceException reason = memory == null ? null : memory.refusal();
      if (refused || reason == null) {
        if (!refused) {
          super.onMessage(message);
        }
        return;
      }
      refused = true;
      StatusException status = GrpcErrors.of(reason);
      Metadata trailers = status.getTrailers();
      call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
      // A service that takes a stream may be in the middle of it.
      super.onCancel();
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }
  }

  /** Whose length is known. */
  private static final class Whole extends ByteArrayInputStream implements KnownLength {
    Whole(byte[] bytes) {
      super(bytes);
    }
  }
}
