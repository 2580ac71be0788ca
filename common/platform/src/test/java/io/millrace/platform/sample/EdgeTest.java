package io.millrace.platform.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.GetDatasetRequest;
import io.millrace.platform.edge.ClientWatch;
import io.millrace.platform.security.InternalToken;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.testing.RawClient;
import io.millrace.testing.RawMethods;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;

/** What no proper client sends: it is refused in the form of all errors, and in time. */
@Timeout(180)
class EdgeTest {
  private static ConfigurableApplicationContext service;
  private static ManagedChannel channel;

  /** Connected while other tests run: gRPC takes its time to part from a client. */
  private static RawClient silentOverGrpc;

  @BeforeAll
  static void start() throws IOException {
    Map<String, Object> properties = new HashMap<>(TestServers.properties());
    // Longer than a machine with other work lets a client wait between two steps.
    properties.put("millrace.timeouts.head", "3s");
    properties.put("millrace.timeouts.silence", "3s");
    properties.put("millrace.timeouts.idle", "3s");
    properties.put("millrace.timeouts.body-rate", "1KB");
    properties.put("spring.grpc.server.inbound.message.max-size", "4KB");
    properties.put("spring.grpc.server.keepalive.connection.max-idle-time", "1s");
    service = ServiceLauncher.start(SampleService.class, "sample-service", properties);
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", ServiceLauncher.grpcPort(service))
            .usePlaintext()
            .build();
    silentOverGrpc = new RawClient(ServiceLauncher.grpcPort(service));
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    service.close();
  }

  private static String token() {
    return service.getBean(InternalToken.class).issue("key:test");
  }

  private static RawClient client() throws IOException {
    return new RawClient(ServiceLauncher.httpPort(service));
  }

  private static String post(String path, String headers) {
    return "POST %s HTTP/1.1\r\nHost: x\r\n%s: %s\r\nContent-Type: application/json\r\n%s\r\n"
        .formatted(path, InternalToken.HEADER, token(), headers);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "G\u0001T / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /{ HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /api/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /api/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a/../../b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%2e%2e/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /api%2fsample HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/3.0\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nonsense\r\n\r\n",
      })
  void refusesWhatIsNotHttpInItsOwnForm(String request) throws Exception {
    try (RawClient client = client()) {
      String answer = client.send(request).answer();

      assertThat(answer)
          .startsWith("HTTP/1.1 400")
          .contains("application/problem+json", "\"code\":\"invalid_argument\"")
          .doesNotContain("<html", "Tomcat", "text/html");
    }
  }

  @Test
  void refusesOtherMethodsAndLongPathsInItsOwnForm() throws Exception {
    try (RawClient client = client()) {
      assertThat(client.send("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n").answer())
          .startsWith("HTTP/1.1 405")
          .contains("application/problem+json", "method_not_allowed");
      assertThat(client.send("BREW / HTTP/1.1\r\nHost: x\r\n\r\n").answer())
          .startsWith("HTTP/1.1 401")
          .contains("application/problem+json");
      assertThat(
              client.send("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n").answer())
          .startsWith("HTTP/1.1 400")
          .contains("application/problem+json");
    }
    try (RawClient client = client()) {
      String headers = "X-Long: " + "x".repeat(20_000) + "\r\n";
      assertThat(client.send("GET / HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n").answer())
          .startsWith("HTTP/1.1 400")
          .contains("application/problem+json");
    }
  }

  @Test
  void rendersTheOpenAiEnvelopeForItsPaths() throws Exception {
    try (RawClient client = client()) {
      assertThat(client.send("TRACE /v1/models HTTP/1.1\r\nHost: x\r\n\r\n").answer())
          .startsWith("HTTP/1.1 405")
          .contains("{\"error\":{\"message\":");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zz\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}xx0\r\n\r\n",
        "ffffffffffff\r\n{}",
        "2;ext=\u0001\r\n{}\r\n0\r\n\r\n",
      })
  void refusesMalformedChunks(String chunks) throws Exception {
    for (String path : new String[] {"/api/sample/settings", "/api/sample/large"}) {
      try (RawClient client = client()) {
        assertThat(client.send(post(path, "Transfer-Encoding: chunked\r\n") + chunks).answer())
            .startsWith("HTTP/1.1 400")
            .contains("application/problem+json", "the body is not what its headers announce");
      }
    }
  }

  /** It is no fault of the service's, so that nobody is called by an error in its log. */
  @ParameterizedTest
  @ValueSource(strings = {"Transfer-Encoding: chunked\r\n", "Content-Length: 900\r\n"})
  void refusesABodyThatEndsTooEarly(String length) throws Exception {
    for (String path : new String[] {"/api/sample/settings", "/api/sample/large"}) {
      try (RawClient client = client()) {
        String begun = length.startsWith("Transfer") ? "2\r\n{" : "{";
        assertThat(client.send(post(path, length) + begun).endSending().answer())
            .startsWith("HTTP/1.1 400")
            .contains("application/problem+json", "the body is not what its headers announce");
      }
    }
  }

  @Test
  void refusesALengthOverTheLimitBeforeTheBody() throws Exception {
    for (String length : new String[] {"1025", "2000000000"}) {
      try (RawClient client = client()) {
        assertThat(
                client
                    .send(post("/api/sample/settings", "Content-Length: " + length + "\r\n"))
                    .answer())
            .startsWith("HTTP/1.1 413")
            .contains("larger than the limit of 1024 bytes");
      }
    }
    try (RawClient client = client()) {
      String expecting = "Content-Length: 5000\r\nExpect: 100-continue\r\n";
      assertThat(client.send(post("/api/sample/settings", expecting)).answer())
          .startsWith("HTTP/1.1 413");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud83d\\ud83d\\ude00\"",
        "\"\\ud83dx\"",
        "\"\\ud83d\\n\"",
        "\"\u00ed\u00a0\u0080\"",
      })
  void refusesHalfASurrogatePairWhereverItIs(String text) throws Exception {
    for (String body :
        new String[] {"{\"batch_size\":1,\"name\":%s}".formatted(text), "{%s:1}".formatted(text)}) {
      try (RawClient client = client()) {
        assertThat(
                client
                    .send(
                        post("/api/sample/settings", "Content-Length: " + body.length() + "\r\n")
                            + body)
                    .answer())
            .startsWith("HTTP/1.1 400")
            .contains("half of a surrogate pair");
      }
    }
  }

  @Test
  void takesWholePairs() throws Exception {
    String body = "{\"batch_size\":1,\"name\":\"\\ud83d\\ude00\\\\ud800\u00f0\u009f\u0098\u0080\"}";
    try (RawClient client = client()) {
      assertThat(
              client
                  .send(
                      post("/api/sample/settings", "Content-Length: " + body.length() + "\r\n")
                          + body)
                  .answer())
          .startsWith("HTTP/1.1 200")
          .contains("\uD83D\uDE00\\\\ud800\uD83D\uDE00");
    }
  }

  @Test
  void refusesWhatTheDatabaseHasNoCharacterFor() throws Exception {
    try (RawClient client = client()) {
      assertThat(
              client
                  .send(post("/api/sample/things/x?fail=false", "Content-Length: 0\r\n"))
                  .answer())
          .startsWith("HTTP/1.1 200");
      assertThat(client.send(post("/api/sample/zero", "Content-Length: 0\r\n")).answer())
          .startsWith("HTTP/1.1 400")
          .contains("NUL");
    }
  }

  @Test
  void cutsWhoeverIsSilentOrSlow() throws Exception {
    try (RawClient idle = client();
        RawClient silent = client();
        RawClient slowHead = client();
        RawClient silentBody = client()) {
      silent.send("GET / HTTP/1.1\r\nHost:");
      silentBody.send(post("/api/sample/settings", "Content-Length: 10\r\n") + "{");
      Thread sender =
          Thread.startVirtualThread(
              () -> drip(slowHead, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: " + "x".repeat(10_000)));

      assertThat(idle.untilClosed()).isEmpty();
      assertThat(silent.untilClosed()).doesNotContain("200");
      assertThat(silentBody.untilClosed())
          .startsWith("HTTP/1.1 408")
          .contains("application/problem+json", "too slowly");
      assertThat(slowHead.untilClosed()).doesNotContain("200");
      sender.join();
    }
  }

  @Test
  void cutsABodyThatDrips() throws Exception {
    try (RawClient client = client()) {
      client.send(post("/api/sample/large", "Content-Length: 4000\r\n"));
      Thread sender = Thread.startVirtualThread(() -> drip(client, "x".repeat(4000)));

      // What still comes is not waited for either.
      assertThat(client.untilClosed()).startsWith("HTTP/1.1 408").contains("too slowly");
      sender.join();
    }
  }

  /** A byte at a time until nobody takes it. */
  private static void drip(RawClient client, String text) {
    try {
      for (int i = 0; i < text.length(); i++) {
        client.send(text.substring(i, i + 1));
        Thread.sleep(20);
      }
    } catch (IOException | InterruptedException e) {
      // Cut off, as it should be.
      assertThat(e).isNotNull();
    }
  }

  @Test
  void cutsGrpcConnectionsThatSayNothing() throws Exception {
    try (RawClient client = silentOverGrpc) {
      client.untilClosed();
    }
  }

  @Test
  void refusesBytesThatAreNoMessage() {
    StatusRuntimeException refused = call(new byte[] {0x0a, 0x7f, 1});

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refused.getStatus().getDescription())
        .contains("millrace.data.v1.DataService/GetDataset", "no protobuf of that type");
    assertThat(call(new byte[] {0x0a, 2, (byte) 0xc3, 0x28}).getStatus().getCode())
        .as("a string that is not UTF-8")
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void saysThatAMessageIsTooLarge() {
    StatusRuntimeException refused = call(new byte[5000]);

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.getStatus().getDescription()).contains("4096");
    StatusRuntimeException packed =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(
                    authorised(),
                    RAW,
                    CallOptions.DEFAULT.withCompression("gzip"),
                    named("x".repeat(100_000)).toByteArray()));
    assertThat(packed.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void answersTwoMessagesAndNoneAtOnce() throws Exception {
    byte[] message = GetDatasetRequest.newBuilder().setName("x").build().toByteArray();
    for (int messages : new int[] {0, 2, 3}) {
      CompletableFuture<Status> ended = new CompletableFuture<>();
      ClientCall<byte[], byte[]> call = open(ended);
      for (int i = 0; i < messages; i++) {
        call.sendMessage(message);
      }
      if (messages == 0) {
        call.halfClose();
      }
      Status status = ended.get(60, TimeUnit.SECONDS);
      assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(status.getDescription()).contains("takes one message");
    }
  }

  @Test
  void endsCallsWhoseMessageDoesNotCome() throws Exception {
    CompletableFuture<Status> ended = new CompletableFuture<>();
    open(ended);

    assertThat(ended.get(60, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(DataServiceGrpc.newBlockingStub(authorised()).getDataset(named("x")).getName())
        .isEqualTo("key:test");
  }

  @Test
  void noticesThatAClientLeavesWithoutAnAnswer() throws Exception {
    ClientWatch watch = service.getBean(ClientWatch.class);
    SampleService.Waiting waiting = service.getBean(SampleService.Waiting.class);
    for (String length : new String[] {"Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n"}) {
      RawClient client = client();
      client.send(post("/api/sample/wait", length));
      if (length.startsWith("Transfer")) {
        client.send("2\r\n{}\r\n0\r\n\r\n");
      }
      waiting.begun.acquire();
      assertThat(watch.size()).isOne();
      client.close();
      waiting.left.acquire();
      assertThat(watch.size()).isZero();
    }
  }

  @Test
  void leavesTheNextRequestOfAWaitingClientWhereItIs() throws Exception {
    SampleService.Waiting waiting = service.getBean(SampleService.Waiting.class);
    try (RawClient client = client()) {
      client.send(
          post("/api/sample/wait", "Content-Length: 0\r\n")
              + "GET /api/sample/caller HTTP/1.1\r\nHost: x\r\n%s: %s\r\n\r\n"
                  .formatted(InternalToken.HEADER, token()));
      waiting.begun.acquire();
      // Long enough for some looks at the connection.
      Thread.sleep(200);
      waiting.go.release();
      assertThat(client.answer()).startsWith("HTTP/1.1 200").contains("waited");
      assertThat(client.answer()).startsWith("HTTP/1.1 200").contains("key:test");
    }
  }

  private static final MethodDescriptor<byte[], byte[]> RAW =
      RawMethods.of(DataServiceGrpc.getGetDatasetMethod());

  /** As if the client streamed, so that every message is sent at once. */
  private static ClientCall<byte[], byte[]> open(CompletableFuture<Status> ended) {
    ClientCall<byte[], byte[]> call =
        authorised()
            .newCall(
                RAW.toBuilder().setType(MethodType.BIDI_STREAMING).build(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    return call;
  }

  private static StatusRuntimeException call(byte[] message) {
    return catchThrowableOfType(
        StatusRuntimeException.class,
        () -> ClientCalls.blockingUnaryCall(authorised(), RAW, CallOptions.DEFAULT, message));
  }

  private static Channel authorised() {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-millrace-token", Metadata.ASCII_STRING_MARSHALLER), token());
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static GetDatasetRequest named(String name) {
    return GetDatasetRequest.newBuilder().setName(name).build();
  }
}
