package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.millrace.gateway.key.ApiKeys;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A key of the scope inference, against every request that is described and every gRPC method. */
class InferenceKeyTest {

  /** What is not here is refused, that of tomorrow too. */
  private static final Set<String> PERMITTED =
      Set.of(
          "GET /api/activations",
          "GET /api/models",
          "GET /api/models/{name}",
          "GET /api/receptive-field",
          "GET /v1/models",
          "GET /v1/models/{name}",
          "POST /api/classify",
          "POST /api/detect",
          "POST /api/embeddings",
          "POST /api/receptive-field",
          "POST /api/search",
          "POST /detokenize",
          "POST /tokenize",
          "POST /v1/chat/completions",
          "POST /v1/completions",
          "POST /v1/embeddings");

  private static final Set<String> PERMITTED_METHODS =
      Set.of(
          "ListModels",
          "Generate",
          "Detect",
          "Embed",
          "Search",
          "Classify",
          "GetReceptiveField",
          "GetActivations");

  private static GatewayFixture gateway;
  private static String key;

  @BeforeAll
  static void start() throws IOException {
    gateway = new GatewayFixture();
    key = gateway.context.getBean(ApiKeys.class).create("app", ApiKeys.Scope.INFERENCE).key();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void opensInferenceAndNothingElseOverRest() throws Exception {
    Set<String> permitted = new TreeSet<>();
    List<String> all = described();
    for (String request : all) {
      String verb = request.substring(0, request.indexOf(' '));
      String path = request.substring(verb.length() + 1).replaceAll("\\{[^}]*}", "x1");
      int status =
          gateway
              .send(
                  gateway
                      .request(path, key)
                      .header("Content-Type", "application/json")
                      .method(verb, BodyPublishers.ofString("{}")))
              .statusCode();
      assertThat(status).as(request).isNotEqualTo(401);
      if (status != 403) {
        permitted.add(request);
      }
    }
    assertThat(all).hasSizeGreaterThan(40);
    assertThat(permitted).containsExactlyInAnyOrderElementsOf(PERMITTED);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/models/x1/versions",
    "DELETE, /api/models/x1",
    "POST, /v1/completions/",
    "POST, //v1/completions",
    "POST, /v1/../api/runs",
    "POST, /V1/completions",
    "GET, /v1/models/x1/..",
    "GET, /openapi/gateway",
    "GET, /actuator/prometheus",
    "GET, /api/keys",
    "POST, /api/keys",
    "PUT, /v1/models/x1",
    "OPTIONS, /api/runs",
  })
  void refusesOtherVerbsAndSpellings(String verb, String path) throws Exception {
    int status =
        gateway
            .send(
                gateway
                    .request(path, key)
                    .header("Content-Type", "application/json")
                    .method(verb, BodyPublishers.ofString("{}")))
            .statusCode();

    assertThat(status).isIn(400, 403);
  }

  @Test
  void opensInferenceAndNothingElseOverGrpc() {
    Set<String> permitted = new TreeSet<>();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", gateway.grpcPort()).usePlaintext().build();
    try {
      for (Service service : Service.values()) {
        for (MethodDescriptor<?, ?> method : service.grpc().getMethods()) {
          if (!isRefused(channel, method)) {
            permitted.add(String.valueOf(method.getBareMethodName()));
          }
        }
      }
    } finally {
      channel.shutdownNow();
    }
    assertThat(permitted).containsExactlyInAnyOrderElementsOf(PERMITTED_METHODS);
  }

  @Test
  void isMadeLikeAnyOther() throws Exception {
    JsonNode made =
        JsonMapper.shared()
            .readTree(
                gateway
                    .send(
                        gateway
                            .request("/api/keys")
                            .header("Content-Type", "application/json")
                            .POST(
                                BodyPublishers.ofString(
                                    "{\"name\": \"app\", \"scope\": \"inference\"}")))
                    .body());

    assertThat(made.path("scope").asString()).isEqualTo("inference");
  }

  private static boolean isRefused(ManagedChannel channel, MethodDescriptor<?, ?> method) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
    MethodDescriptor<byte[], byte[]> bytes =
        MethodDescriptor.newBuilder(Bytes.INSTANCE, Bytes.INSTANCE)
            .setFullMethodName(method.getFullMethodName())
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .build();
    StatusRuntimeException failed =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> {
              Iterator<byte[]> answers =
                  ClientCalls.blockingServerStreamingCall(
                      io.grpc.ClientInterceptors.intercept(
                          channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
                      bytes,
                      CallOptions.DEFAULT,
                      new byte[0]);
              while (answers.hasNext()) {
                assertThat(answers.next()).isNotNull();
              }
            });
    return failed != null && failed.getStatus().getCode() == Status.Code.PERMISSION_DENIED;
  }

  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] value) {
      return new java.io.ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  /** As the reference of the requests lists them. */
  private static List<String> described() throws IOException {
    List<String> requests = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("../docs/reference/openapi"))) {
      for (Path file : files.toList()) {
        JsonNode paths = JsonMapper.shared().readTree(Files.readAllBytes(file)).path("paths");
        paths
            .properties()
            .forEach(path ->
                path.getValue()
                    .propertyNames()
                    .forEach(
                        verb -> requests.add(verb.toUpperCase(Locale.ROOT) + " " + path.getKey())));
      }
    }
    return requests;
  }
}
