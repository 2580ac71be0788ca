package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.inference.v1.DetectRequest;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.millrace.contracts.inference.v1.ListModelsRequest;
import io.millrace.contracts.inference.v1.Model;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An inference service that all tasks are asked of, but for detection, which has its own. */
@Timeout(180)
class TasksApartTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private GatewayFixture gateway;
  private FakeService language;
  private FakeService detection;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    gateway = new GatewayFixture(Map.of(), Set.of("detection"));
    language = gateway.service(Service.INFERENCE);
    detection = Objects.requireNonNull(gateway.byTask.get("detection"));
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", gateway.grpcPort()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    gateway.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/api/detect,detection",
    "/api/receptive-field,detection",
    "/api/classify,inference-service",
    "/api/search,inference-service",
    "/v1/completions,inference-service",
    "/v1/embeddings,inference-service",
    "/api/activations,inference-service",
    "/api/runs,training-service",
  })
  void asksTheServiceOfTheTask(String path, String service) throws Exception {
    assertThat(json(gateway.send(gateway.request(path))).get("service").asString())
        .isEqualTo(service);
  }

  @ParameterizedTest
  @CsvSource({"/api/models,models,name", "/v1/models,data,id"})
  void listsTheModelsOfAllServices(String path, String list, String name) throws Exception {
    language.models = Map.of("writer", 3, "both", 1);
    detection.models = Map.of("cells", 2, "both", 2);

    JsonNode answer = json(gateway.send(gateway.request(path)));

    assertThat(answer.path("object").asString()).isEqualTo("list");
    assertThat(answer.path(list).valueStream())
        .extracting(model -> model.path(name).asString(), model -> model.path("service").asString())
        .containsExactly(
            tuple("both", "detection"),
            tuple("cells", "detection"),
            tuple("writer", "inference-service"));
  }

  @Test
  void looksForAModelInEachService() throws Exception {
    language.models = Map.of("writer", 3);
    detection.models = Map.of("cells", 2);

    assertThat(gateway.send(gateway.request("/api/models/writer")).body())
        .contains("inference-service");
    assertThat(gateway.send(gateway.request("/api/models/cells")).body()).contains("detection");
    assertThat(gateway.send(gateway.request("/v1/models/cells")).body()).contains("detection");
    assertThat(gateway.send(gateway.request("/api/models/none")).statusCode()).isEqualTo(404);
  }

  @Test
  void doesNotPassAPartOffAsTheWholeList() throws Exception {
    language.models = Map.of("writer", 3);
    detection.close();

    HttpResponse<String> answer = gateway.send(gateway.request("/api/models"));
    StatusRuntimeException failed =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> stub().listModels(ListModelsRequest.getDefaultInstance()));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(json(answer).path("detail").asString())
        .isEqualTo("inference-service is not available; try again later");
    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(failed.getStatus().getDescription())
        .isEqualTo("inference-service is not available; try again later");
  }

  @Test
  void doesSoOverGrpcToo() {
    language.models = Map.of("writer", 3, "both", 1);
    detection.models = Map.of("cells", 2, "both", 2);

    List<Model> models = stub().listModels(ListModelsRequest.getDefaultInstance()).getModelsList();

    assertThat(models)
        .extracting(Model::getName, Model::getTask)
        .containsExactly(
            tuple("both", "detection"),
            tuple("cells", "detection"),
            tuple("writer", "inference-service"));
    assertThat(stub().detect(DetectRequest.getDefaultInstance()).getDrawn().toStringUtf8())
        .isEqualTo("detection");
  }

  @Test
  void isHealthyOnlyIfBothAre() throws Exception {
    String path = "/actuator/health/services";
    Awaitility.await().until(() -> gateway.send(gateway.request(path)).statusCode() == 200);

    detection.ready = false;

    assertThat(gateway.send(gateway.request(path)).statusCode()).isEqualTo(503);
  }

  /** A method that was forgotten would be asked of a service that does not serve its models. */
  @Test
  void knowsTheTaskOfEveryMethodButThoseOfNone() {
    assertThat(Service.INFERENCE.grpc().getMethods())
        .extracting(MethodDescriptor::getBareMethodName)
        .filteredOn(method -> Service.INFERENCE.taskOf(method) == null)
        .containsExactlyInAnyOrder(
            "ListModels",
            "ListVersions",
            "PromoteVersion",
            "RollBackModel",
            "UnpinModel",
            "SetPolicy",
            "SetRetention",
            "DeleteVersion",
            "DeleteModel",
            "GetActivations");
  }

  @Test
  void refusesATaskThatDoesNotExist() {
    assertThatThrownBy(() -> new GatewayFixture(Map.of(), Set.of("detecting")))
        .hasStackTraceContaining(
            "millrace.gateway.inference-by-task: there is no task 'detecting', only language,"
                + " detection, representation, classification");
  }

  private InferenceServiceBlockingStub stub() {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + gateway.adminKey);
    return InferenceServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }
}
