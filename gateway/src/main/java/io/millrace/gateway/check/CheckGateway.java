package io.millrace.gateway.check;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.ListDatasetsRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/**
 * Checks a running installation from outside, as {@code helm test} does: the gateway is ready, lets
 * no stranger in, answers to a key by REST and by gRPC, and its services are ready. Prints a line
 * for each; ends with status 1 at the first that does not hold.
 */
public final class CheckGateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckGateway.class);
  private static final Duration CALL = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final URI url;
  private final String key;
  private final Duration timeout;
  private final Consumer<String> out;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CALL).build();
  private final ManagedChannel channel;

  /**
   * A check, not yet made.
   *
   * @param url of the HTTP server
   * @param grpc host and port of the gRPC server, without TLS
   * @param key an API key
   * @param timeout how long the gateway and its services may take to be ready
   * @param out told what holds
   */
  CheckGateway(URI url, String grpc, String key, Duration timeout, Consumer<String> out) {
    this.url = url;
    this.key = key;
    this.timeout = timeout;
    this.out = out;
    this.channel = ManagedChannelBuilder.forTarget(grpc).usePlaintext().build();
  }

  /** Takes where and how from the variables {@code MILLRACE_CHECK_URL, _GRPC, _KEY, _TIMEOUT}. */
  public static void main(String[] arguments) {
    // Libraries would tell of all that they do.
    LoggingSystem logging = LoggingSystem.get(CheckGateway.class.getClassLoader());
    logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.WARN);
    logging.setLogLevel(LOG.getName(), LogLevel.INFO);
    System.exit(run(System.getenv(), LOG::info));
  }

  /** Makes all checks; the status to end with. */
  public static int run(Map<String, String> variables, Consumer<String> out) {
    try (CheckGateway check =
        new CheckGateway(
            URI.create(required(variables, "MILLRACE_CHECK_URL")),
            required(variables, "MILLRACE_CHECK_GRPC"),
            required(variables, "MILLRACE_CHECK_KEY"),
            Duration.parse(variables.getOrDefault("MILLRACE_CHECK_TIMEOUT", "PT1M")),
            out)) {
      check.run();
      out.accept("all is well");
      return 0;
    } catch (CheckFailed e) {
      out.accept("FAILED: " + e.getMessage());
      return 1;
    }
  }

  void run() {
    awaitOk("the gateway is ready", "/actuator/health/readiness", null);
    expect("a request without a key is refused", get("/v1/models", null), 401);
    expect("a request with the key is answered", get("/v1/models", key), 200);
    awaitOk("the services are ready", "/actuator/health/services", key);
    grpc();
  }

  private void grpc() {
    try {
      DataServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(CALL.toSeconds(), TimeUnit.SECONDS)
          .listDatasets(ListDatasetsRequest.getDefaultInstance());
      throw new CheckFailed("gRPC ListDatasets without a key was answered");
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.UNAUTHENTICATED) {
        throw new CheckFailed("gRPC ListDatasets without a key ended with " + e.getStatus());
      }
      out.accept("ok: a gRPC call without a key is refused");
    }
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + key);
    try {
      DataServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .withDeadlineAfter(CALL.toSeconds(), TimeUnit.SECONDS)
          .listDatasets(ListDatasetsRequest.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      throw new CheckFailed("gRPC ListDatasets with the key ended with " + e.getStatus());
    }
    out.accept("ok: a gRPC call with the key is answered");
  }

  private void awaitOk(String what, String path, @Nullable String with) {
    long limit = System.nanoTime() + timeout.toNanos();
    while (true) {
      try {
        expect(what, get(path, with), 200);
        return;
      } catch (CheckFailed e) {
        if (System.nanoTime() > limit) {
          throw new CheckFailed("not within " + timeout + ": " + e.getMessage());
        }
        LockSupport.parkNanos(POLL.toNanos());
      }
    }
  }

  private void expect(String what, HttpResponse<String> answer, int status) {
    if (answer.statusCode() != status) {
      throw new CheckFailed(
          "%s: GET %s was answered with %d instead of %d: %s"
              .formatted(what, answer.uri(), answer.statusCode(), status, answer.body()));
    }
    out.accept("ok: " + what);
  }

  private HttpResponse<String> get(String path, @Nullable String with) {
    HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve(path)).timeout(CALL);
    if (with != null) {
      request.header("Authorization", "Bearer " + with);
    }
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new CheckFailed("GET " + url.resolve(path) + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CheckFailed("interrupted");
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    http.shutdownNow();
  }

  private static String required(Map<String, String> variables, String name) {
    String value = variables.getOrDefault(name, "");
    if (value.isEmpty()) {
      throw new CheckFailed(
          name + " is not set" + (name.endsWith("KEY") ? ": no API key to call with" : ""));
    }
    return value;
  }

  private static final class CheckFailed extends RuntimeException {
    CheckFailed(String message) {
      super(message);
    }
  }
}
