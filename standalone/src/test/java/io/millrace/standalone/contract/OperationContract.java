package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Health and metrics. */
abstract class OperationContract {
  private final Rest rest;
  private final Rpc rpc;

  OperationContract(Rest rest, Rpc rpc) {
    this.rest = rest;
    this.rpc = rpc;
  }

  @Test
  void saysThatItIsWell() {
    for (String path : new String[] {"", "/liveness", "/readiness"}) {
      Rest.Answer open = rest.send("GET", "/actuator/health" + path, "", new byte[0], null);
      assertThat(open.expect(200).path("status").asString()).as(path).isEqualTo("UP");
    }
    JsonNode services = rest.get("/actuator/health/services").expect(200);
    assertThat(services.path("components").propertyNames())
        .containsExactlyInAnyOrder("data-service", "training-service", "inference-service");
    assertThat(
            HealthGrpc.newBlockingStub(rpc.withoutKey())
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void hasMetrics() {
    Rest.Answer metrics = rest.get("/actuator/prometheus");
    assertThat(metrics.status()).isEqualTo(200);
    assertThat(metrics.text()).contains("http_server_requests_seconds_count", "gateway");
  }
}
