package io.millrace.data;

import static io.millrace.data.DataServiceClient.NDJSON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.millrace.contracts.data.v1.AppendDocumentsRequest;
import io.millrace.contracts.data.v1.AppendDocumentsResponse;
import io.millrace.contracts.data.v1.CreateDatasetRequest;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.Dataset;
import io.millrace.contracts.data.v1.DatasetKind;
import io.millrace.contracts.data.v1.DeleteDatasetRequest;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.GetDatasetRequest;
import io.millrace.contracts.data.v1.ListDatasetsRequest;
import io.millrace.contracts.data.v1.Preparation;
import io.millrace.contracts.data.v1.SealSnapshotRequest;
import io.millrace.contracts.data.v1.SetTokenizerRequest;
import io.millrace.contracts.data.v1.Tokenizer;
import io.millrace.data.DataServiceClient.Answer;
import io.millrace.platform.security.InternalToken;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.testing.TestServers;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What callers are told, over REST and gRPC. */
class EdgeTest {
  private static DataServiceClient client;

  @BeforeAll
  static void start() {
    client = new DataServiceClient(TestServers.properties());
    client.post("/api/datasets", "{\"name\":\"texts\"}");
    client.post("/api/datasets", "{\"name\":\"pictures\",\"kind\":\"images\",\"classes\":[\"a\"]}");
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | 400 | field 'name' is missing",
        "{\"name\":\"a.b\"} | 400 | name is not a name: 'a.b'",
        "{\"name\":\"../x\"} | 400 | name is not a name: '../x'",
        "{\"name\":\"n\",\"kind\":\"sound\"} | 400 | kind must be text or images or rows, not 'sound'",
        "{\"name\":\"n\",\"packlength\":5} | 400 | unknown field 'packlength'",
        "{\"name\":\"n\",\"pack_length\":5} | 400 | pack_length must be from 16 to 131072 tokens, not 5",
        "{\"name\":\"n\",\"heldout_percent\":51} | 400 | heldout_percent must be from 0 to 50, not 51.0",
        "{\"name\":\"n\",\"columns\":[\"a\"]} | 400 | columns is not for a dataset of texts",
        "{\"name\":\"n\",\"classes\":[\"a\",\"a\"]} | 400 | class 'a' is named twice",
        "{\"name\":\"n\",\"kind\":\"images\",\"columns\":[\"a\"]} | 400 | columns is not for a dataset of images",
        "{\"name\":\"n\",\"kind\":\"rows\"} | 400 | a dataset of rows needs columns, the names of its numbers",
        "{\"name\":\"n\",\"kind\":\"rows\",\"columns\":[\"a\",\"a\"]} | 400 | column 'a' is named twice",
        "{\"name\":\"n\",\"kind\":\"rows\",\"columns\":[\"label\"]} | 400 | column 'label' cannot be one of the numbers",
        "{\"name\":\"n\",\"kind\":\"rows\",\"columns\":[\"a\"],\"image_width\":64} | 400 | image_width is not for a dataset of rows",
        "{\"name\":\"n\",\"kind\":\"images\",\"classes\":[\"a\",\"a\"]} | 400 | class 'a' is named twice",
        "{\"name\":\"n\",\"kind\":\"images\",\"classes\":[\"a\"],\"image_width\":100} | 400 | image_width must be a multiple of 32",
        "{\"name\":\"n\",\"kind\":\"images\",\"classes\":[\"a\"],\"pack_length\":64} | 400 | pack_length is not for a dataset of images",
        "{\"name\":\"n\",\"kind\":\"images\",\"classes\":[\"a\\u0000\"]} | 400 | class 1 has control characters in its name",
        "{\"name\":\"n\",\"kind\":\"images\",\"classes\":[\"a\",\"\\ud800\"]} | 400 | the body has half of a surrogate pair (\\ud800)",
        "{\"name\":\"n\",\"duplicate_ids\":\"maybe\"} | 400 | duplicate_ids must be keep or reject or replace, not 'maybe'",
        "{\"name\":\"n\",\"plain_values\":\"xml\"} | 400 | plain_values must be reject or text or json, not 'xml'",
        "{\"name\":\"n\",\"kind\":\"images\",\"classes\":[\"a\"],\"plain_values\":\"text\"} | 400 | plain_values 'text' is for a dataset of texts alone",
        "{\"name\":\"n\",\"rejected_warn_percent\":101} | 400 | rejected_warn_percent must be from 0 to 100, not 101.0",
        "{\"name\":\"texts\"} | 409 | dataset 'texts' exists already",
        "nonsense | 400 | the body is not JSON",
      })
  void datasetsAreChecked(String body, int status, String detail) {
    Answer answer = client.post("/api/datasets", body);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.detail()).startsWith(detail);
    assertThat(client.get("/api/datasets").body().path("datasets")).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "texts | {\"text\":\"a\"};nonsense | 400 | 1 | line 2: not JSON",
        "texts | {\"text\":\"a\"};{\"text\":\"\"} | 400 | 1 | line 2: the text is empty (1 documents before it were accepted)",
        "texts | {\"text\":\"a\",\"txt\":1} | 400 | 0 | line 1: unknown field 'txt'; known are id, text",
        "texts | {\"id\":\"x\"} | 400 | 0 | line 1: field 'text' is missing",
        "texts | {\"text\":5} | 400 | 0 | line 1: text must be a string",
        "texts | {\"text\":\"a\"} {\"text\":\"b\"} | 400 | 0 | line 1: not JSON",
        "texts | {\"text\":\"a\",\"text\":\"b\"} | 400 | 0 | line 1: not JSON: Duplicate",
        "texts | {\"text\":\"\\u0000\"} | 400 | 0 | line 1: not text: a NUL character at position 0",
        "texts | {\"text\":\"x\\ud800\"} | 400 | 0 | line 1: not",
        "texts | [1] | 400 | 0 | line 1: expected an object, found array",
        "texts | {\"image\":\"AAAA\",\"boxes\":[]} | 400 | 0 | line 1: the dataset holds text, this is an image",
        "pictures | {\"text\":\"a\"} | 400 | 0 | line 1: the dataset holds images, this is text",
        "pictures | {\"image\":\"!\",\"boxes\":[]} | 400 | 0 | line 1: image is not base64",
        "pictures | {\"image\":\"AAAA\"} | 400 | 0 | line 1: boxes must be an array",
        "pictures | {\"image\":\"AAAA\",\"boxes\":[{\"x\":1}]} | 400 | 0 | line 1: boxes[0].y must be a number of pixels",
        "pictures | {\"image\":\"AAAA\",\"boxes\":[{\"x\":1,\"y\":1,\"width\":-3,\"height\":2,\"label\":\"a\"}]} | 400 | 0 | line 1: box 0 is -3.0 pixels wide",
        "nowhere | {\"text\":\"a\"} | 404 | -1 | dataset 'nowhere' does not exist",
      })
  void linesAreChecked(String dataset, String lines, int status, int accepted, String detail) {
    Answer answer =
        client.post("/api/datasets/" + dataset + "/documents", NDJSON, lines.replace(';', '\n'));
    assertThat(answer.detail()).startsWith(detail);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.response().headers().firstValueAsLong("X-Millrace-Accepted").orElse(-1))
        .isEqualTo(accepted);
  }

  @Test
  void truthOfAPictureIsLimited() {
    String box = "{\"x\":1,\"y\":1,\"width\":2,\"height\":2,\"label\":\"%s\"}";
    String many = (box.formatted("a") + ",").repeat(1000) + box.formatted("a");
    String line = "{\"image\":\"AAAA\",\"boxes\":[%s]}";
    String documents = "/api/datasets/pictures/documents";
    assertThat(client.post(documents, NDJSON, line.formatted(many)).detail())
        .isEqualTo("line 1: a picture with 1001 boxes; at most 1000 are taken");
    String longLabel = line.formatted(box.formatted("x".repeat(129)));
    assertThat(client.post(documents, NDJSON, longLabel).detail())
        .isEqualTo("line 1: box 0 has a label of 129 characters; at most 128 are taken");
  }

  @Test
  void bodiesThatAreNoTextAreRefused() {
    String documents = "/api/datasets/texts/documents";
    assertThat(client.post(documents, NDJSON, "\n\n").detail()).startsWith("the upload is empty");
    assertThat(client.post(documents, "text/plain", " \n").detail()).isEqualTo("the text is empty");
    assertThat(client.post(documents, "application/xml", "<a/>").status()).isEqualTo(415);
    assertThat(client.post(documents, "multipart/form-data; boundary=b", "no form").status())
        .isEqualTo(400);
    assertThat(client.post(documents, "text/plain; charset=iso-8859-1", "a").status())
        .isEqualTo(415);
    assertThat(client.post(documents + "?ID=5", "text/plain", "a").detail())
        .startsWith("unknown parameter 'ID'");
    byte[] latin = "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(
            client
                .send("POST", documents, "text/plain", BodyPublishers.ofByteArray(latin))
                .detail())
        .isEqualTo("not UTF-8 text: byte 0xe9 at position 3");
    Answer lines = client.send("POST", documents, NDJSON, BodyPublishers.ofByteArray(latin));
    assertThat(lines.detail()).isEqualTo("line 1: not UTF-8 text: byte 0xe9 at position 3");
    assertThat(lines.body().has("parameter")).as("%s", lines.body()).isFalse();
    Answer array = client.post(documents, "application/json", "[{\"text\":\"a\"},{\"text\":7}]");
    assertThat(array.detail()).startsWith("documents[1]: text must be a string");
    assertThat(array.body().path("parameter").asString()).isEqualTo("text");
  }

  @Test
  void aLineOf50MegabytesIsRefusedByItsNumber() {
    Answer answer =
        client.send(
            "POST",
            "/api/datasets/texts/documents",
            NDJSON,
            BodyPublishers.concat(
                BodyPublishers.ofString("{\"text\":\"short\"}\n{\"text\":\""),
                BodyPublishers.ofInputStream(() -> new Zeros(50_000_000)),
                BodyPublishers.ofString("\"}\n")));
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.detail())
        .isEqualTo(
            "line 2 is longer than the limit of 12582912 bytes; split the document (1 documents before it were accepted)");

    Answer text =
        client.send(
            "POST",
            "/api/datasets/texts/documents",
            "text/plain",
            BodyPublishers.ofInputStream(() -> new Zeros(50_000_000)));
    assertThat(text.status()).isEqualTo(413);
    assertThat(text.detail()).startsWith("the text is longer than the limit of 8388608 bytes");
  }

  @Test
  void tokenizersAndSnapshotsAreChecked() {
    String tokenizer = "/api/datasets/texts/tokenizer";
    assertThat(client.post(tokenizer, "{}").detail()).startsWith("either {\"train\"");
    assertThat(client.post(tokenizer, "{\"train\":{}}").detail())
        .isEqualTo("train.vocab_size is missing");
    assertThat(client.post(tokenizer, "{\"train\":{\"vocab_size\":9}}").detail())
        .startsWith("vocab_size must be ");
    assertThat(client.post(tokenizer, "{\"tokenizer_json\":{\"model\":5}}").detail())
        .startsWith("not a tokenizer.json that works here: ");
    assertThat(
            client
                .post("/api/datasets/pictures/tokenizer", "{\"train\":{\"vocab_size\":300}}")
                .status())
        .isEqualTo(409);
    assertThat(client.post("/api/datasets/pictures/snapshots", "{}").detail())
        .isEqualTo(
            "dataset 'pictures' has nothing to learn from: of 0 documents 0 were rejected and the others are held out");
    assertThat(client.post("/api/datasets/pictures/snapshots", "{\"wait_seconds\":601}").detail())
        .isEqualTo("wait_seconds must be from 0 to 600");
    assertThat(client.post("/api/datasets/pictures/snapshots", "{\"wait\":1}").status())
        .isEqualTo(400);
    assertThat(client.post("/api/datasets/nowhere/snapshots", "{}").status()).isEqualTo(404);
    assertThat(client.delete("/api/datasets/nowhere").status()).isEqualTo(404);
  }

  @Test
  void theSameOverGrpc() throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", ServiceLauncher.grpcPort(client.service))
            .usePlaintext()
            .intercept(new TokenSender(client.service.getBean(InternalToken.class)))
            .build();
    try {
      DataServiceGrpc.DataServiceBlockingStub stub = DataServiceGrpc.newBlockingStub(channel);
      assertThatThrownBy(
              () -> stub.createDataset(CreateDatasetRequest.newBuilder().setName("g").build()))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessage("INVALID_ARGUMENT: kind must be TEXT, IMAGES or ROWS");
      Dataset created =
          stub.createDataset(
              CreateDatasetRequest.newBuilder()
                  .setName("g")
                  .setKind(DatasetKind.DATASET_KIND_TEXT)
                  .setHeldoutPercent(0)
                  .build());
      assertThat(created.getPackLength()).isEqualTo(256);
      assertThat(created.getCreatedAt().getSeconds()).isPositive();
      assertThat(created.getPreparation()).isEqualTo(Preparation.PREPARATION_WAITING_FOR_TOKENIZER);
      assertThat(created.hasTokenizer()).isFalse();

      assertThat(append(channel, "g", "one", "two").get(60, TimeUnit.SECONDS).getAccepted())
          .isEqualTo(2);
      CompletableFuture<AppendDocumentsResponse> refused =
          append(channel, "g", "three", "", "four");
      assertThatThrownBy(() -> refused.get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .hasMessage(
              "INVALID_ARGUMENT: document 2: the text is empty (1 documents before it were accepted)");
      assertThatThrownBy(() -> append(channel, "nowhere", "a").get(60, TimeUnit.SECONDS))
          .cause()
          .satisfies(
              e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.NOT_FOUND));

      GetDatasetRequest get = GetDatasetRequest.newBuilder().setName("g").build();
      assertThat(stub.getDataset(get).getCounts().getWaiting()).isEqualTo(3);
      Dataset training =
          stub.setTokenizer(
              SetTokenizerRequest.newBuilder().setDataset("g").setTrainVocabSize(280).build());
      assertThat(training.getTokenizer().getState())
          .isIn(Tokenizer.State.STATE_TRAINING, Tokenizer.State.STATE_READY);
      client.await("g", body -> body.path("tokenizer").path("state").asString().equals("ready"));
      assertThat(
              stub.sealSnapshot(SealSnapshotRequest.newBuilder().setDataset("g").build())
                  .getCounts()
                  .getPrepared())
          .isEqualTo(3);
      assertThatThrownBy(() ->
              stub.sealSnapshot(
                  SealSnapshotRequest.newBuilder().setDataset("g").setWaitSeconds(601).build()))
          .hasMessage("INVALID_ARGUMENT: wait_seconds must be from 0 to 600");
      Dataset ready = stub.getDataset(get);
      assertThat(ready.getSnapshotsCount()).isEqualTo(1);
      assertThat(ready.getSnapshots(0).getCreatedAt().getSeconds()).isPositive();
      assertThat(ready.getPreparation()).isEqualTo(Preparation.PREPARATION_RUNNING);
      assertThat(ready.getFailure()).isEmpty();
      assertThat(ready.getTokenizer().getState()).isEqualTo(Tokenizer.State.STATE_READY);
      assertThat(ready.getTokenizer().getProgress()).isEqualTo(1);
      assertThat(ready.getTokenizer().getSha256()).isEqualTo(ready.getTokenizerSha256());
      assertThat(stub.listDatasets(ListDatasetsRequest.getDefaultInstance()).getDatasetsCount())
          .isEqualTo(3);
      stub.deleteDataset(DeleteDatasetRequest.newBuilder().setName("g").build());
      assertThatThrownBy(() -> stub.getDataset(get))
          .hasMessage("NOT_FOUND: dataset 'g' does not exist");
    } finally {
      channel.shutdownNow();
      client.delete("/api/datasets/g");
    }
  }

  private static CompletableFuture<AppendDocumentsResponse> append(
      Channel channel, String dataset, String... texts) {
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
    for (String text : texts) {
      requests.onNext(
          AppendDocumentsRequest.newBuilder()
              .setDataset(dataset)
              .addDocuments(Document.newBuilder().setText(text))
              .build());
    }
    requests.onCompleted();
    return answer;
  }

  private record TokenSender(InternalToken tokens) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<R> listener, Metadata headers) {
          headers.put(
              Metadata.Key.of(
                  InternalToken.HEADER.toLowerCase(Locale.ROOT), Metadata.ASCII_STRING_MARSHALLER),
              tokens.issue("key:test"));
          super.start(listener, headers);
        }
      };
    }
  }

  /** Letters without end, well, almost. */
  private static final class Zeros extends InputStream {
    private int left;

    Zeros(int length) {
      left = length;
    }

    @Override
    public int read() {
      return left-- > 0 ? '0' : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int count = Math.min(left, length);
      java.util.Arrays.fill(buffer, offset, offset + count, (byte) '0');
      left -= count;
      return count;
    }
  }
}
