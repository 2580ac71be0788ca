package io.millrace.gateway.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.millrace.gateway.key.ApiKeys.ApiKey;
import io.millrace.platform.security.InternalToken;
import java.util.HashSet;
import java.util.Set;

/** Starts, for every call to the gateway, the same call to the service behind it. */
final class ProxyHandler implements ServerCallHandler<byte[], byte[]> {
  private final String service;
  private final ManagedChannel channel;
  private final MethodDescriptor<byte[], byte[]> method;
  private final InternalToken tokens;

  ProxyHandler(
      String service,
      ManagedChannel channel,
      MethodDescriptor<byte[], byte[]> method,
      InternalToken tokens) {
    this.service = service;
    this.channel = channel;
    this.method = method;
    this.tokens = tokens;
  }

  @Override
  public ServerCall.Listener<byte[]> startCall(
      ServerCall<byte[], byte[]> serverCall, Metadata headers) {
    ApiKey key = ServiceToken.key(method.getFullMethodName());
    if (channel.getState(/* requestConnection= */ false) == ConnectivityState.TRANSIENT_FAILURE) {
      // Pauses between attempts grow to minutes; a caller is reason enough to try now.
      channel.resetConnectBackoff();
    }
    // Deadline and cancellation of the caller come along by the current context.
    ClientCall<byte[], byte[]> clientCall = channel.newCall(method, CallOptions.DEFAULT);
    ProxiedCall proxied = new ProxiedCall(service, serverCall, clientCall);
    clientCall.start(proxied.answers(), passed(headers, key));
    proxied.begin();
    return proxied.requests();
  }

  private Metadata passed(Metadata headers, ApiKey key) {
    Metadata passed = new Metadata();
    passed.merge(headers);
    Set<String> names = new HashSet<>(passed.keys());
    for (String name : names) {
      if (isDropped(name)) {
        drop(passed, name);
      }
    }
    ServiceToken.put(passed, tokens, key);
    return passed;
  }

  private static boolean isDropped(String name) {
    return name.equals("authorization")
        || name.equals("cookie")
        || name.equals("forwarded")
        || name.startsWith("x-millrace-")
        || name.startsWith("x-forwarded-");
  }

  private static void drop(Metadata metadata, String name) {
    if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
      metadata.discardAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
    } else {
      metadata.discardAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }
  }
}
