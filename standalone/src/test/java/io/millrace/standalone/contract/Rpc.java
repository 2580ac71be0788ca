package io.millrace.standalone.contract;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.function.Supplier;

/** A client of the gateway's gRPC API. */
final class Rpc implements AutoCloseable {
  private final ManagedChannel channel;
  private final Channel recording;
  private final Channel withKey;

  Rpc(String address, String key, Calls calls) {
    channel = ManagedChannelBuilder.forTarget(address).usePlaintext().build();
    recording = ClientInterceptors.intercept(channel, new Recorder(calls));
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
    withKey =
        ClientInterceptors.intercept(recording, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** With the administrator's key. */
  Channel channel() {
    return withKey;
  }

  /** Without a key. */
  Channel withoutKey() {
    return recording;
  }

  /** A call whose failure is a {@link Refusal}. */
  static <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw Refusal.of(e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private record Recorder(Calls calls) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      calls.method(method.getFullMethodName());
      return next.newCall(method, options);
    }
  }
}
