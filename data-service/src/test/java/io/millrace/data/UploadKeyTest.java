package io.millrace.data;

import static io.millrace.data.DataServiceClient.NDJSON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.millrace.contracts.data.v1.AppendDocumentsRequest;
import io.millrace.contracts.data.v1.AppendDocumentsResponse;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.DataServiceClient.Answer;
import io.millrace.data.upload.DocumentAppender;
import io.millrace.data.upload.Upload;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.security.InternalToken;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** An upload with a key that is sent again adds nothing twice. */
class UploadKeyTest {
  private static DataServiceClient client;

  @BeforeAll
  static void start() {
    Map<String, Object> properties = TestServers.properties();
    properties.put("millrace.data.job-takeover", "15s");
    client = new DataServiceClient(properties);
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  @Test
  void aCompleteUploadIsAnsweredAgain() {
    create("complete");
    String lines = lines(0, 5);
    assertThat(upload("complete", "k1", lines).body().path("accepted").asInt()).isEqualTo(5);
    Answer again = upload("complete", "k1", lines);
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.body().path("accepted").asInt()).isEqualTo(5);
    assertThat(documents("complete")).isEqualTo(5);

    assertThat(upload("complete", "k2", lines).status()).isEqualTo(200);
    assertThat(documents("complete")).isEqualTo(10);
    client.delete("/api/datasets/complete");
    create("complete");
    assertThat(upload("complete", "k1", lines).status()).isEqualTo(200);
    assertThat(documents("complete")).isEqualTo(5);
  }

  @Test
  void anotherUploadWithTheKeyIsRefused() {
    create("other");
    upload("other", "k", lines(0, 3));
    Answer changed = upload("other", "k", lines(0, 2) + "{\"text\":\"another\"}");
    assertThat(changed.status()).isEqualTo(409);
    assertThat(changed.detail())
        .startsWith(
            "line 3: the Idempotency-Key was used for another upload: its document 3 was another one; use a new key");
    assertThat(upload("other", "k", lines(0, 4)).detail())
        .startsWith("line 4: the Idempotency-Key was used for another upload: it had 3 documents");
    assertThat(upload("other", "k", lines(0, 2)).detail())
        .startsWith("the Idempotency-Key was used for another upload: it had 3 documents");
    assertThat(upload("other", "k k", lines(0, 2)).detail())
        .isEqualTo("Idempotency-Key must be 1 to 255 visible ASCII characters, such as a UUID");
    assertThat(documents("other")).isEqualTo(3);
  }

  @Test
  void whatCameBeforeARefusedDocumentIsNotAddedAgain() {
    create("refused");
    Answer refused = upload("refused", "k", lines(0, 3) + "{\"text\":\"\"}\n" + lines(4, 6));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(documents("refused")).isEqualTo(3);
    Answer repaired = upload("refused", "k", lines(0, 6));
    assertThat(repaired.body().path("accepted").asInt()).isEqualTo(6);
    assertThat(documents("refused")).isEqualTo(6);
  }

  @Test
  void anUploadThatWasCutOffIsGoneOnWith() throws Exception {
    create("cut");
    String lines = lines(0, 400);
    try (Socket socket = new Socket("localhost", ServiceLauncher.httpPort(client.service))) {
      OutputStream out = socket.getOutputStream();
      out.write(head("cut", "k", lines.length()));
      out.write(lines.substring(0, lines.length() / 2).getBytes(StandardCharsets.UTF_8));
      out.flush();
      await(() -> documents("cut") > 50);
      assertThat(upload("cut", "k", lines).detail())
          .startsWith("an upload with the Idempotency-Key 'k' is going on; send it again");
    }
    Answer[] again = new Answer[1];
    await(() -> {
      again[0] = upload("cut", "k", lines);
      return again[0].status() != 409;
    });
    assertThat(again[0].body().path("accepted").asInt()).isEqualTo(400);
    assertThat(documents("cut")).isEqualTo(400);
  }

  @Test
  void aProcessThatLostItsUploadSendsNothingMore() throws Exception {
    create("zombie");
    Upload zombie =
        client
            .service
            .getBean(DocumentAppender.class)
            .begin(client.service.getBean(Registry.class).requireDataset("zombie"), "k");
    zombie.append(document(0));
    assertThat(zombie.acceptedSoFar()).isEqualTo(1);
    // What happens to an upload without a heartbeat: another request takes it.
    client
        .service
        .getBean(JdbcClient.class)
        .sql("update upload set owner = null where dataset = 'zombie'")
        .update();
    assertThat(upload("zombie", "k", lines(0, 2)).body().path("accepted").asInt()).isEqualTo(2);
    await(() -> {
      try {
        zombie.finish();
        return false;
      } catch (MillraceException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        return true;
      }
    });
    assertThatThrownBy(() -> zombie.append(document(1)))
        .hasMessage("the upload was interrupted; send it again");
    zombie.close();
    assertThat(documents("zombie")).isEqualTo(2);
  }

  @Test
  void aKeyIsForgottenAfterADay() {
    create("old");
    upload("old", "k", lines(0, 2));
    client
        .service
        .getBean(JdbcClient.class)
        .sql("update upload set created_at = now() - interval '25 hours' where dataset = 'old'")
        .update();
    upload("old", "k", lines(0, 2));
    assertThat(documents("old")).isEqualTo(4);
  }

  @Test
  void theSameOverGrpc() throws Exception {
    create("grpc");
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of("idempotency-key", Metadata.ASCII_STRING_MARSHALLER), "k");
    metadata.put(
        Metadata.Key.of(
            InternalToken.HEADER.toLowerCase(java.util.Locale.ROOT),
            Metadata.ASCII_STRING_MARSHALLER),
        client.service.getBean(InternalToken.class).issue("key:test"));
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", ServiceLauncher.grpcPort(client.service))
            .usePlaintext()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .build();
    try {
      assertThatThrownBy(() -> append(channel, 3, true))
          .hasMessageContaining("document 4: the text is empty");
      assertThat(append(channel, 5, false).getAccepted()).isEqualTo(5);
      assertThat(append(channel, 5, false).getAccepted()).isEqualTo(5);
      assertThat(documents("grpc")).isEqualTo(5);
    } finally {
      channel.shutdownNow();
    }
  }

  private static AppendDocumentsResponse append(Channel channel, int count, boolean empty)
      throws Exception {
    CompletableFuture<AppendDocumentsResponse> answer = new CompletableFuture<>();
    StreamObserver<AppendDocumentsRequest> requests =
        DataServiceGrpc.newStub(channel)
            .appendDocuments(
                new StreamObserver<>() {
                  @Override
                  public void onNext(AppendDocumentsResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable thrown) {
                    answer.completeExceptionally(thrown);
                  }

                  @Override
                  public void onCompleted() {}
                });
    AppendDocumentsRequest.Builder request = AppendDocumentsRequest.newBuilder().setDataset("grpc");
    IntStream.range(0, count).forEach(i -> request.addDocuments(document(i)));
    if (empty) {
      request.addDocuments(Document.getDefaultInstance().toBuilder().setText(""));
    }
    requests.onNext(request.build());
    requests.onCompleted();
    return answer.get(60, TimeUnit.SECONDS);
  }

  private static void create(String name) {
    assertThat(client.post("/api/datasets", "{\"name\":\"" + name + "\"}").status()).isEqualTo(201);
  }

  private static Answer upload(String dataset, String key, String lines) {
    return client.post(
        "/api/datasets/" + dataset + "/documents", NDJSON, lines, "Idempotency-Key", key);
  }

  private static long documents(String dataset) {
    return client.get("/api/datasets/" + dataset).body().path("counts").path("documents").asLong();
  }

  private static Document document(int number) {
    return Document.newBuilder().setId("d" + number).setText("text " + number).build();
  }

  private static String lines(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> "{\"id\":\"d%d\",\"text\":\"text %d\"}\n".formatted(i, i))
        .collect(Collectors.joining());
  }

  private static byte[] head(String dataset, String key, int length) {
    return """
    POST /api/datasets/%s/documents HTTP/1.1\r
    Host: localhost\r
    %s: %s\r
    Idempotency-Key: %s\r
    Content-Type: %s\r
    Content-Length: %d\r
    \r
    """
        .formatted(
            dataset,
            InternalToken.HEADER,
            client.service.getBean(InternalToken.class).issue("key:test"),
            key,
            NDJSON,
            length)
        .getBytes(StandardCharsets.UTF_8);
  }

  @FunctionalInterface
  private interface Check {
    boolean holds() throws IOException;
  }

  private static void await(Check check) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    while (!check.holds()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(50);
    }
  }
}
