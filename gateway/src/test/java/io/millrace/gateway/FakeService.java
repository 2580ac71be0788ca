package io.millrace.gateway;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.millrace.contracts.data.v1.AppendDocumentsRequest;
import io.millrace.contracts.data.v1.AppendDocumentsResponse;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.Dataset;
import io.millrace.contracts.data.v1.GetDatasetRequest;
import io.millrace.contracts.data.v1.ListDatasetsRequest;
import io.millrace.contracts.data.v1.ListDatasetsResponse;
import io.millrace.contracts.inference.v1.DetectRequest;
import io.millrace.contracts.inference.v1.DetectResponse;
import io.millrace.contracts.inference.v1.GenerateRequest;
import io.millrace.contracts.inference.v1.GenerateResponse;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.inference.v1.ListModelsRequest;
import io.millrace.contracts.inference.v1.ListModelsResponse;
import io.millrace.contracts.inference.v1.Model;
import io.millrace.platform.security.InternalToken;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A service behind the gateway with HTTP and gRPC servers of its own, which says what it got. */
final class FakeService implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A permit for each event that {@code /v1/stream} and {@code Generate} may send. */
  final Semaphore events = new Semaphore(0);

  /** A permit for each request that {@code AppendDocuments} has received. */
  final Semaphore appended = new Semaphore(0);

  /**
   * Completed when {@code /v1/endless} or {@code AppendDocuments} notices that its client has gone.
   */
  final CompletableFuture<Void> clientGone = new CompletableFuture<>();

  /** Models that it lists, with their versions; null: it answers as for any other path. */
  volatile @Nullable Map<String, Integer> models;

  final ConcurrentLinkedQueue<Metadata> metadata = new ConcurrentLinkedQueue<>();
  private final String name;
  private final InternalToken tokens;
  private final HttpServer http;
  private final Server grpc;
  volatile boolean ready = true;

  FakeService(String name, InternalToken tokens) throws IOException {
    this.name = name;
    this.tokens = tokens;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/", this::echo);
    http.createContext("/api/models", exchange -> models(exchange, "models", "name"));
    http.createContext("/v1/models", exchange -> models(exchange, "data", "id"));
    http.createContext("/v1/stream", this::stream);
    http.createContext("/v1/endless", this::endless);
    http.createContext("/v1/broken", this::broken);
    http.createContext("/v1/silent", exchange -> hang());
    http.createContext("/actuator/health/readiness", this::readiness);
    http.start();
    grpc =
        ServerBuilder.forPort(0)
            .intercept(new RecordingInterceptor())
            .addService(new Data())
            .addService(new Inference())
            .build()
            .start();
  }

  int httpPort() {
    return http.getAddress().getPort();
  }

  int grpcPort() {
    return grpc.getPort();
  }

  @Override
  public void close() {
    http.stop(0);
    grpc.shutdownNow();
  }

  private void echo(HttpExchange exchange) throws IOException {
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("service", name);
    seen.put("method", exchange.getRequestMethod());
    seen.put("uri", exchange.getRequestURI().toString());
    Map<String, List<String>> headers = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
    seen.put("headers", headers);
    seen.put("body", new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    String token = exchange.getRequestHeaders().getFirst(InternalToken.HEADER);
    seen.put("principal", token == null ? "none" : tokens.verify(token));
    seen.put("administrator", token != null && tokens.verifyCaller(token).administrator());
    byte[] answer = JSON.writeValueAsBytes(seen);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(
        exchange.getRequestURI().getPath().endsWith("418") ? 418 : 200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private void models(HttpExchange exchange, String list, String name) throws IOException {
    Map<String, Integer> known = models;
    if (known == null) {
      echo(exchange);
      return;
    }
    String path = exchange.getRequestURI().getPath();
    Integer version = known.get(path.substring(path.lastIndexOf('/') + 1));
    if (version != null) {
      answer(exchange, 200, Map.of(name, path, "version", version, "service", this.name));
    } else if (path.endsWith("/models")) {
      answer(exchange, 200, Map.of("object", "list", list, listed(known, name)));
    } else {
      answer(exchange, 404, Map.of("service", this.name));
    }
  }

  private List<Map<String, Object>> listed(Map<String, Integer> known, String name) {
    return known.entrySet().stream()
        .map(model ->
            Map.<String, Object>of(
                name, model.getKey(), "version", model.getValue(), "service", this.name))
        .toList();
  }

  private static void answer(HttpExchange exchange, int status, Map<String, Object> body)
      throws IOException {
    byte[] answer = JSON.writeValueAsBytes(body);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private void stream(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "text/event-stream;charset=utf-8");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.flush();
      for (int i = 0; i < 3; i++) {
        events.acquireUninterruptibly();
        out.write(("data: " + i + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    }
  }

  private void endless(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      while (true) {
        out.write("data: x\n\n".getBytes(StandardCharsets.UTF_8));
        out.flush();
        Thread.sleep(20);
      }
    } catch (IOException e) {
      clientGone.complete(null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Dies in the middle of its answer. */
  private void broken(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().write("data: half\n\n".getBytes(StandardCharsets.UTF_8));
    exchange.getResponseBody().flush();
    throw new IOException("died");
  }

  private static void hang() {
    try {
      Thread.sleep(Long.MAX_VALUE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readiness(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(ready ? 200 : 503, -1);
    exchange.close();
  }

  private final class RecordingInterceptor implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      metadata.add(headers);
      return next.startCall(call, headers);
    }
  }

  private final class Data extends DataServiceGrpc.DataServiceImplBase {
    @Override
    public void getDataset(GetDatasetRequest request, StreamObserver<Dataset> observer) {
      if (request.getName().equals("missing")) {
        Metadata trailers = new Metadata();
        trailers.put(
            Metadata.Key.of("millrace-code", Metadata.ASCII_STRING_MARSHALLER), "not_found");
        observer.onError(
            Status.NOT_FOUND.withDescription("no such dataset").asRuntimeException(trailers));
        return;
      }
      observer.onNext(Dataset.newBuilder().setName(request.getName()).build());
      observer.onCompleted();
    }

    @Override
    public void listDatasets(
        ListDatasetsRequest request, StreamObserver<ListDatasetsResponse> observer) {
      observer.onNext(ListDatasetsResponse.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public StreamObserver<AppendDocumentsRequest> appendDocuments(
        StreamObserver<AppendDocumentsResponse> observer) {
      List<AppendDocumentsRequest> received = new ArrayList<>();
      return new StreamObserver<>() {
        @Override
        public void onNext(AppendDocumentsRequest request) {
          received.add(request);
          appended.release();
        }

        @Override
        public void onError(Throwable t) {
          clientGone.complete(null);
        }

        @Override
        public void onCompleted() {
          observer.onNext(
              AppendDocumentsResponse.newBuilder().setAccepted(received.size()).build());
          observer.onCompleted();
        }
      };
    }
  }

  private final class Inference extends InferenceServiceGrpc.InferenceServiceImplBase {
    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> observer) {
      Map<String, Integer> known = models == null ? Map.of() : models;
      observer.onNext(
          ListModelsResponse.newBuilder()
              .addAllModels(
                  known.entrySet().stream()
                      .map(model ->
                          Model.newBuilder()
                              .setName(model.getKey())
                              .setVersion(model.getValue())
                              .setTask(name)
                              .build())
                      .toList())
              .build());
      observer.onCompleted();
    }

    @Override
    public void detect(DetectRequest request, StreamObserver<DetectResponse> observer) {
      observer.onNext(DetectResponse.newBuilder().setDrawn(ByteString.copyFromUtf8(name)).build());
      observer.onCompleted();
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
      for (int i = 0; i < request.getMaxTokens(); i++) {
        events.acquireUninterruptibly();
        observer.onNext(GenerateResponse.newBuilder().setText("t" + i).build());
      }
      observer.onCompleted();
    }
  }
}
