package io.millrace.gateway.grpc;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.millrace.gateway.GatewayProperties;
import io.millrace.gateway.Service;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;

/** One connection to each service, made when it is first needed. */
final class Channels implements AutoCloseable {
  private final Map<Service, ManagedChannel> channels = new EnumMap<>(Service.class);

  Channels(GatewayProperties properties, int maxMessageSize, ExecutorService executor) {
    for (Service service : Service.values()) {
      channels.put(
          service,
          ManagedChannelBuilder.forTarget(service.backend(properties).grpc())
              .usePlaintext()
              .executor(executor)
              .maxInboundMessageSize(maxMessageSize)
              .build());
    }
  }

  ManagedChannel of(Service service) {
    ManagedChannel channel = channels.get(service);
    if (channel == null) {
      throw new IllegalStateException("no channel to " + service);
    }
    return channel;
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
