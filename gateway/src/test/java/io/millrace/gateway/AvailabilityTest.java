package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.inference.v1.ListModelsRequest;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What callers see when a service is down or hangs. */
@Timeout(180)
class AvailabilityTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private GatewayFixture gateway;

  @BeforeEach
  void start() throws IOException {
    gateway = new GatewayFixture();
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void namesTheServiceThatIsDownOverRest() throws Exception {
    gateway.service(Service.INFERENCE).close();

    HttpResponse<String> openAi = gateway.send(gateway.request("/v1/models"));
    HttpResponse<String> problem = gateway.send(gateway.request("/api/models"));

    assertThat(openAi.statusCode()).isEqualTo(503);
    assertThat(JSON.readTree(openAi.body()).get("error").get("message").asString())
        .isEqualTo("inference-service is not available; try again later");
    assertThat(problem.statusCode()).isEqualTo(503);
    assertThat(JSON.readTree(problem.body()).get("code").asString()).isEqualTo("unavailable");
    assertThat(gateway.send(gateway.request("/api/runs")).statusCode()).isEqualTo(200);
  }

  @Test
  void namesTheServiceThatIsDownOverGrpc() {
    gateway.service(Service.INFERENCE).close();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", gateway.grpcPort()).usePlaintext().build();
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + gateway.adminKey);
    try {
      StatusRuntimeException failed =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  InferenceServiceGrpc.newBlockingStub(channel)
                      .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                      .listModels(ListModelsRequest.getDefaultInstance()));

      assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(failed.getStatus().getDescription())
          .isEqualTo("inference-service is not available; try again later");
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void tellsAServiceThatHangsFromOneThatIsDown() throws Exception {
    HttpResponse<String> answer;
    try (GatewayFixture impatient =
        new GatewayFixture(Map.of("millrace.gateway.response-timeout", "1s"))) {
      answer = impatient.send(impatient.request("/v1/silent"));
    }

    assertThat(answer.statusCode()).isEqualTo(504);
    JsonNode error = JSON.readTree(answer.body()).get("error");
    assertThat(error.get("code").asString()).isEqualTo("deadline_exceeded");
    assertThat(error.get("message").asString())
        .isEqualTo("inference-service has not answered in time");
  }

  @Test
  void isReadyWithoutTheServices() throws Exception {
    gateway.service(Service.TRAINING).ready = false;
    gateway.service(Service.INFERENCE).close();

    assertThat(open("/actuator/health/readiness").statusCode()).isEqualTo(200);
    assertThat(open("/actuator/health/liveness").statusCode()).isEqualTo(200);
    HealthEndpointGroup readiness =
        gateway.context.getBean(HealthEndpointGroups.class).get("readiness");
    assertThat(readiness).isNotNull();
    assertThat(readiness.isMember("db")).as("keys are in the database").isTrue();
  }

  @Test
  void tellsCallersWhichServiceIsNotReady() throws Exception {
    String path = "/actuator/health/services";
    // A service that takes too long to answer is not ready either, on a machine that is busy.
    Awaitility.await().until(() -> gateway.send(gateway.request(path)).statusCode() == 200);

    gateway.service(Service.TRAINING).ready = false;
    HttpResponse<String> answer =
        Awaitility.await()
            .until(
                () -> gateway.send(gateway.request(path)),
                told -> status(told, "data-service").equals("UP"));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(status(answer, "training-service")).isEqualTo("DOWN");
    assertThat(answer.body()).doesNotContain("127.0.0.1");
    assertThat(open(path).statusCode()).isEqualTo(401);
  }

  private static String status(HttpResponse<String> answer, String service) {
    return JSON.readTree(answer.body()).at("/components/%s/status".formatted(service)).asString("");
  }

  private HttpResponse<String> open(String path) throws Exception {
    return gateway.send(HttpRequest.newBuilder(gateway.uri(path)));
  }
}
