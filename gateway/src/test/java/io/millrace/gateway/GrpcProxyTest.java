package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.millrace.contracts.data.v1.AppendDocumentsRequest;
import io.millrace.contracts.data.v1.AppendDocumentsResponse;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.Dataset;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.GetDatasetRequest;
import io.millrace.contracts.inference.v1.GenerateRequest;
import io.millrace.contracts.inference.v1.GenerateResponse;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.gateway.key.ApiKeys;
import io.millrace.testing.GrpcReflection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class GrpcProxyTest {
  private static GatewayFixture gateway;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() throws IOException {
    gateway = new GatewayFixture();
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", gateway.grpcPort()).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    gateway.close();
  }

  @Test
  void passesCallsOn() {
    assertThat(
            with(DataServiceGrpc.newBlockingStub(channel), "Bearer " + gateway.adminKey)
                .getDataset(named("books"))
                .getName())
        .isEqualTo("books");
  }

  @Test
  void goesOnWithTheTraceOfTheClient() {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    Metadata sent = new Metadata();
    sent.put(ascii("traceparent"), "00-" + trace + "-00f067aa0ba902b7-01");
    AtomicReference<Metadata> answered = new AtomicReference<>();
    FakeService data = gateway.service(Service.DATA);

    with(DataServiceGrpc.newBlockingStub(channel), "Bearer " + gateway.adminKey)
        .withInterceptors(
            MetadataUtils.newAttachHeadersInterceptor(sent),
            MetadataUtils.newCaptureMetadataInterceptor(answered, new AtomicReference<>()))
        .getDataset(named("books"));

    assertThat(answered.get().get(ascii("x-trace-id"))).isEqualTo(trace);
    // A call of another test, which was ended early, may still arrive.
    assertThat(data.metadata)
        .flatMap(passed -> all(passed, "traceparent"))
        .filteredOn(parent -> parent.contains(trace))
        .singleElement()
        .asString()
        .matches("00-" + trace + "-(?!00f067aa0ba902b7)[0-9a-f]{16}-01");
  }

  @Test
  void passesTheStatusAndItsTrailersOn() {
    StatusRuntimeException failed =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                with(DataServiceGrpc.newBlockingStub(channel), "Bearer " + gateway.adminKey)
                    .getDataset(named("missing")));

    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(failed.getStatus().getDescription()).isEqualTo("no such dataset");
    Metadata trailers = failed.getTrailers();
    assertThat(trailers).isNotNull();
    assertThat(trailers.get(ascii("millrace-code"))).isEqualTo("not_found");
  }

  @Test
  void answersTwoMessagesWhereOneIsTakenAtOnce() throws Exception {
    CompletableFuture<Status> ended = new CompletableFuture<>();
    Metadata headers = new Metadata();
    headers.put(ascii("authorization"), "Bearer " + gateway.adminKey);
    ClientCall<GetDatasetRequest, Dataset> call =
        channel.newCall(
            DataServiceGrpc.getGetDatasetMethod().toBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .build(),
            CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
          }
        },
        headers);
    call.request(1);
    call.sendMessage(named("books"));
    call.sendMessage(named("books"));

    Status status = ended.get(90, TimeUnit.SECONDS);
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains("takes one message, there are more");
  }

  /** A name in full would be a trailer that ends the caller's connection. */
  @ParameterizedTest
  @ValueSource(strings = {"z", "%"})
  void saysShortlyThatAMethodIsNotThere(String letter) {
    MethodDescriptor<GetDatasetRequest, Dataset> unknown =
        DataServiceGrpc.getGetDatasetMethod().toBuilder()
            .setFullMethodName(DataServiceGrpc.SERVICE_NAME + "/" + letter.repeat(6000))
            .build();

    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(
                    channel, unknown, CallOptions.DEFAULT, named("books")));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(refused.getStatus().getDescription())
        .startsWith("there is no method 'millrace.data.v1.DataService/")
        .hasSizeLessThan(2100);
  }

  @Test
  void passesAnswersOnOneByOne() {
    FakeService inference = gateway.service(Service.INFERENCE);
    Iterator<GenerateResponse> answers =
        with(InferenceServiceGrpc.newBlockingStub(channel), "Bearer " + gateway.adminKey)
            .generate(GenerateRequest.newBuilder().setMaxTokens(3).build());

    for (int i = 0; i < 3; i++) {
      // The next message is not even written before this one has arrived.
      inference.events.release();
      assertThat(answers.next().getText()).isEqualTo("t" + i);
    }
    assertThat(answers.hasNext()).isFalse();
  }

  @Test
  void streamsMoreThanFitsIntoBuffers() throws Exception {
    int count = 2_000;
    CompletableFuture<Long> accepted = new CompletableFuture<>();
    StreamObserver<AppendDocumentsRequest> requests =
        with(DataServiceGrpc.newStub(channel), "Bearer " + gateway.adminKey)
            .appendDocuments(new Collector(accepted));
    AppendDocumentsRequest request =
        AppendDocumentsRequest.newBuilder()
            .setDataset("books")
            .addDocuments(Document.newBuilder().setId("1").setText("x".repeat(10_000)))
            .build();
    for (int i = 0; i < count; i++) {
      requests.onNext(request);
    }
    requests.onCompleted();

    assertThat(accepted.get(90, TimeUnit.SECONDS)).isEqualTo(count);
  }

  @Test
  void passesCancellationOn() throws Exception {
    FakeService data = gateway.service(Service.DATA);
    data.appended.drainPermits();
    CompletableFuture<Long> accepted = new CompletableFuture<>();
    StreamObserver<AppendDocumentsRequest> requests =
        with(DataServiceGrpc.newStub(channel), "Bearer " + gateway.adminKey)
            .appendDocuments(new Collector(accepted));
    requests.onNext(AppendDocumentsRequest.newBuilder().setDataset("books").build());
    // A call that is cancelled before it has reached the service never reaches it: nothing to see.
    assertThat(data.appended.tryAcquire(90, TimeUnit.SECONDS)).isTrue();
    requests.onError(new IllegalStateException("changed my mind"));

    data.clientGone.get(90, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "Bearer mr_aaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      })
  void refusesCallsWithoutAKey(@Nullable String authorization) {
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                with(DataServiceGrpc.newBlockingStub(channel), authorization)
                    .getDataset(named("books")));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void refusesARevokedKey() {
    ApiKeys keys = gateway.context.getBean(ApiKeys.class);
    ApiKeys.Created created = keys.create("short-lived");
    assertThat(
            with(DataServiceGrpc.newBlockingStub(channel), "Bearer " + created.key())
                .getDataset(named("books"))
                .getName())
        .isEqualTo("books");

    keys.revoke(created.entry().prefix());

    refusesCallsWithoutAKey("Bearer " + created.key());
  }

  @Test
  void tellsServicesWhoCallsAndNothingThatTheCallerSays() {
    Metadata headers = new Metadata();
    headers.put(ascii("authorization"), "Bearer " + gateway.adminKey);
    headers.put(ascii("x-millrace-token"), "forged");
    headers.put(ascii("x-forwarded-for"), "10.0.0.1");
    headers.put(ascii("x-request-id"), "kept");
    headers.put(
        Metadata.Key.of("x-millrace-any-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[1]);
    DataServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .getDataset(named("books"));

    Metadata seen =
        gateway.service(Service.DATA).metadata.stream()
            .filter(passed -> all(passed, "x-request-id").contains("kept"))
            .findFirst()
            .orElseThrow();
    assertThat(seen.keys())
        .contains("x-request-id", "x-millrace-token")
        .doesNotContain("authorization", "x-forwarded-for", "x-millrace-any-bin");
    assertThat(seen.getAll(ascii("x-millrace-token"))).singleElement().isNotEqualTo("forged");
  }

  @Test
  void describesItsServicesToCallersWithAKey() {
    GrpcReflection reflection = reflection("Bearer " + gateway.adminKey);

    assertThat(reflection.services())
        .contains(
            "millrace.data.v1.DataService",
            "millrace.training.v1.TrainingService",
            "millrace.inference.v1.InferenceService",
            "grpc.health.v1.Health");
    assertThat(reflection.filesOf("millrace.data.v1.DataService")).isPositive();
    assertThat(reflection.filesOf("millrace.inference.v1.GenerateRequest")).isPositive();
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> reflection("Bearer none").services());
    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void saysOfEachServiceWhetherItServes() {
    FakeService training = gateway.service(Service.TRAINING);
    try {
      // Services have names in health from when they were first asked, shortly after the start.
      Awaitility.await()
          .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
          .untilAsserted(() -> {
            assertThat(health("millrace.data.v1.DataService")).isEqualTo(ServingStatus.SERVING);
            assertThat(health("millrace.training.v1.TrainingService"))
                .isEqualTo(ServingStatus.SERVING);
          });
      training.ready = false;
      Awaitility.await()
          .untilAsserted(() ->
              assertThat(health("millrace.training.v1.TrainingService"))
                  .isEqualTo(ServingStatus.NOT_SERVING));
      // A probe may have taken too long, which the next one makes good.
      Awaitility.await()
          .untilAsserted(() ->
              assertThat(health("millrace.data.v1.DataService")).isEqualTo(ServingStatus.SERVING));
    } finally {
      training.ready = true;
    }
  }

  @Test
  void isOpenForHealth() {
    assertThat(
            HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatusValue())
        .isPositive();
  }

  private static ServingStatus health(String service) {
    return HealthGrpc.newBlockingStub(channel)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  private static GrpcReflection reflection(String authorization) {
    Metadata headers = new Metadata();
    headers.put(ascii("authorization"), authorization);
    return new GrpcReflection(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)));
  }

  private static <S extends AbstractStub<S>> S with(S stub, @Nullable String authorization) {
    Metadata headers = new Metadata();
    if (authorization != null) {
      headers.put(ascii("authorization"), authorization);
    }
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static List<String> all(Metadata headers, String name) {
    List<String> values = new ArrayList<>();
    Iterable<String> found = headers.getAll(ascii(name));
    if (found != null) {
      found.forEach(values::add);
    }
    return values;
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static GetDatasetRequest named(String name) {
    return GetDatasetRequest.newBuilder().setName(name).build();
  }

  private record Collector(CompletableFuture<Long> accepted)
      implements StreamObserver<AppendDocumentsResponse> {
    @Override
    public void onNext(AppendDocumentsResponse response) {
      accepted.complete(response.getAccepted());
    }

    @Override
    public void onError(Throwable t) {
      accepted.completeExceptionally(t);
    }

    @Override
    public void onCompleted() {}
  }
}
