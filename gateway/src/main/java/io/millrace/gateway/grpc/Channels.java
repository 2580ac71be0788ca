package io.millrace.gateway.grpc;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.millrace.gateway.GatewayProperties;
import io.millrace.gateway.Service;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** One connection to each place where a service is, made when it is first needed. */
final class Channels implements AutoCloseable {

  /** More than a service sends: too much ends the connection, with everybody's streams on it. */
  private static final int MOST_METADATA = 64 * 1024;

  private final GatewayProperties properties;
  private final Map<String, ManagedChannel> channels = new HashMap<>();

  Channels(
      GatewayProperties properties,
      int maxMessageSize,
      ExecutorService executor,
      ClientInterceptor tracing) {
    this.properties = properties;
    for (Service service : Service.values()) {
      for (GatewayProperties.Backend backend : service.backends(properties)) {
        channels.computeIfAbsent(
            backend.grpc(),
            target ->
                ManagedChannelBuilder.forTarget(target)
                    .usePlaintext()
                    .executor(executor)
                    .intercept(tracing)
                    .maxInboundMessageSize(maxMessageSize)
                    .maxInboundMetadataSize(MOST_METADATA)
                    .build());
      }
    }
  }

  /**
   * The connection to a service.
   *
   * @param task that must be served there; null: any
   */
  ManagedChannel of(Service service, @Nullable String task) {
    return of(service.backend(properties, task));
  }

  /** The connections to all places where a service is. */
  List<ManagedChannel> all(Service service) {
    return service.backends(properties).stream().map(this::of).distinct().toList();
  }

  private ManagedChannel of(GatewayProperties.Backend backend) {
    ManagedChannel channel = channels.get(backend.grpc());
    if (channel == null) {
      throw new IllegalStateException("no channel to " + backend);
    }
    return channel;
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
