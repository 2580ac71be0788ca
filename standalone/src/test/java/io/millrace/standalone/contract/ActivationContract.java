package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.inference.v1.Activation;
import io.millrace.contracts.inference.v1.GetActivationsRequest;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Activations as numbers and as pictures. */
abstract class ActivationContract {
  private final Rest rest;
  private final InferenceServiceBlockingStub stub;

  ActivationContract(Rest rest, Rpc rpc) {
    this.rest = rest;
    this.stub = InferenceServiceGrpc.newBlockingStub(rpc.channel());
  }

  @Test
  void givesTheSameOverGrpc() {
    JsonNode curve =
        rest.get("/api/activations?name=swish_beta&from=-2&to=2&points=5")
            .expect(200)
            .at("/activations/0");
    GetActivationsRequest.Builder asked =
        GetActivationsRequest.newBuilder().addNames("swish_beta").setFrom(-2).setTo(2).setPoints(5);
    Activation found = Rpc.call(() -> stub.getActivations(asked.build())).getActivations(0);
    assertThat(found.getName()).isEqualTo("swish_beta");
    assertThat(found.getLearned()).isEqualTo(1);
    for (int i = 0; i < 5; i++) {
      assertThat(found.getX(i)).isEqualTo(curve.path("x").path(i).asDouble());
      assertThat(found.getValues(i)).isEqualTo(curve.path("values").path(i).asDouble());
      assertThat(found.getDerivatives(i)).isEqualTo(curve.path("derivatives").path(i).asDouble());
    }
    assertThat(
            Rpc.call(() -> stub.getActivations(asked.setFormat("svg").build()))
                .getImage()
                .toStringUtf8())
        .startsWith("<svg ");
    GetActivationsRequest unknown = asked.clearNames().addNames("cosine").build();
    assertThatThrownBy(() -> Rpc.call(() -> stub.getActivations(unknown)))
        .hasMessageContaining("there is no activation");
  }

  @Test
  void givesValuesAndPictures() {
    JsonNode curves = rest.get("/api/activations?name=relu&name=swish_beta&points=11").expect(200);
    assertThat(curves.path("activations").path(0).path("values").path(10).asDouble()).isEqualTo(5);
    assertThat(curves.path("activations").path(1).path("learned").asDouble()).isEqualTo(1);
    Rest.Answer svg = rest.get("/api/activations?name=relu&format=svg&derivative=true");
    assertThat(svg.contentType()).isEqualTo("image/svg+xml");
    assertThat(svg.text()).startsWith("<svg ").contains("derivative");
    assertThat(rest.get("/api/activations?format=png").response().body())
        .startsWith(0x89, 'P', 'N', 'G');
    assertThat(rest.get("/api/activations?name=cosine").text())
        .contains("there is no activation", "Activations are silu, swish");
  }
}
