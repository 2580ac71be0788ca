package io.millrace.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.millrace.contracts.data.v1.AppendDocumentsRequest;
import io.millrace.contracts.data.v1.AppendDocumentsResponse;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.Dataset;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.GetDatasetRequest;
import io.millrace.contracts.data.v1.ListDatasetsResponse;
import io.millrace.contracts.data.v1.PackedSequence;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
class MessageMemoryTest {
  private static final int MANY = 200_000;

  static Stream<Message> worst() {
    return Stream.of(
        ListDatasetsResponse.newBuilder()
            .addAllDatasets(Collections.nCopies(MANY, Dataset.getDefaultInstance()))
            .build(),
        AppendDocumentsRequest.newBuilder()
            .addAllDocuments(
                Collections.nCopies(MANY, Document.newBuilder().setText("a").setId("b").build()))
            .build(),
        Dataset.newBuilder().addAllClasses(Collections.nCopies(MANY, "")).build(),
        PackedSequence.newBuilder()
            .addAllLabels(Collections.nCopies(MANY, 1))
            .setDataset("x".repeat(MANY))
            .build());
  }

  /** The estimate against what a message really takes, in bytes of live heap. */
  @ParameterizedTest
  @MethodSource("worst")
  void weighsNoLessThanAMessageTakes(Message message) throws Exception {
    byte[] bytes = message.toByteArray();
    assertThat(message.getParserForType().parseFrom(bytes)).isEqualTo(message);
    long taken = LiveHeap.of(() -> message.getParserForType().parseFrom(bytes));

    assertThat(MessageWeight.of(bytes, message.getDescriptorForType()))
        .as("of %d bytes, %d taken", bytes.length, taken)
        .isGreaterThan(taken);
  }

  @Test
  void weighsWhatIsPassedOnOrUnreadableByItsBytes() {
    assertThat(MessageWeight.of(new byte[1000], null)).isEqualTo(2000);
    assertThat(MessageWeight.of(new byte[] {7, 7}, Dataset.getDescriptor())).isEqualTo(6);
  }

  @Test
  void refusesMessagesWhileOthersFillTheMemoryAndGivesItBack() throws Exception {
    BodyMemory memory = new BodyMemory(700);
    Slow service = new Slow();
    Server server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(WeighedService.of(service))
            .addStreamTracerFactory(MessageMemory.factory(memory))
            .build()
            .start();
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(
                "127.0.0.1", server.getPort(), InsecureChannelCredentials.create())
            .build();
    try {
      DataServiceGrpc.DataServiceStub stub = DataServiceGrpc.newStub(channel);
      CompletableFuture<Status> first = call(stub, "a".repeat(90));
      service.called.await();
      assertThat(memory.used()).isPositive();
      Status refused = call(stub, "b".repeat(90)).get();
      assertThat(refused.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(refused.getDescription()).contains("try again in a moment");
      service.answer.countDown();
      assertThat(first.get()).isEqualTo(Status.OK);
      awaitFree(memory);
      assertThat(call(stub, "c".repeat(90)).get()).isEqualTo(Status.OK);
      awaitFree(memory);
      // A stream holds the message in hand alone.
      stream(stub, 50);
      awaitFree(memory);
    } finally {
      channel.shutdownNow();
      server.shutdownNow().awaitTermination();
    }
    assertThat(memory.used()).isZero();
  }

  /** A client may hear of the end before the server has ended it. */
  private static void awaitFree(BodyMemory memory) {
    while (memory.used() > 0) {
      Thread.onSpinWait();
    }
  }

  private static CompletableFuture<Status> call(DataServiceGrpc.DataServiceStub stub, String name) {
    CompletableFuture<Status> status = new CompletableFuture<>();
    stub.getDataset(
        GetDatasetRequest.newBuilder().setName(name).build(), new Ending<Dataset>(status));
    return status;
  }

  private static void stream(DataServiceGrpc.DataServiceStub stub, int messages) throws Exception {
    CompletableFuture<Status> status = new CompletableFuture<>();
    StreamObserver<AppendDocumentsRequest> requests =
        stub.appendDocuments(new Ending<AppendDocumentsResponse>(status));
    for (int i = 0; i < messages; i++) {
      requests.onNext(AppendDocumentsRequest.newBuilder().setDataset("d".repeat(90)).build());
    }
    requests.onCompleted();
    assertThat(status.get()).isEqualTo(Status.OK);
  }

  /** How a call ended. */
  private record Ending<T>(CompletableFuture<Status> status) implements StreamObserver<T> {
    @Override
    public void onNext(T answer) {}

    @Override
    public void onError(Throwable e) {
      status.complete(((StatusRuntimeException) e).getStatus());
    }

    @Override
    public void onCompleted() {
      status.complete(Status.OK);
    }
  }

  /** Answers the first call late. */
  private static final class Slow extends DataServiceGrpc.DataServiceImplBase {
    private final CountDownLatch called = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);

    @Override
    public void getDataset(GetDatasetRequest request, StreamObserver<Dataset> observer) {
      called.countDown();
      try {
        answer.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      observer.onNext(Dataset.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public StreamObserver<AppendDocumentsRequest> appendDocuments(
        StreamObserver<AppendDocumentsResponse> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(AppendDocumentsRequest request) {}

        @Override
        public void onError(Throwable e) {}

        @Override
        public void onCompleted() {
          observer.onNext(AppendDocumentsResponse.getDefaultInstance());
          observer.onCompleted();
        }
      };
    }
  }
}
