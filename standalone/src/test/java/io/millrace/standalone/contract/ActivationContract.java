package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Activations as numbers and as pictures. */
abstract class ActivationContract {
  private final Rest rest;

  ActivationContract(Rest rest) {
    this.rest = rest;
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
