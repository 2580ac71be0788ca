package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Told to stop, a service first says so and lets go of its callers, answering all of them. */
class ShutdownDelayTest {

  @Test
  void answersWhileItSaysThatItStops() throws Exception {
    try (GatewayFixture gateway = new GatewayFixture(Map.of("millrace.shutdown-delay", "60s"))) {
      HttpResponse<String> before = gateway.send(gateway.request("/api/datasets"));
      assertThat(before.statusCode()).isEqualTo(200);
      assertThat(before.headers().firstValue("connection")).isEmpty();
      Thread stop = Thread.ofPlatform().start(gateway.context::close);
      try {
        while (readiness(gateway) == 200) {
          Thread.onSpinWait();
        }
        HttpResponse<String> during = gateway.send(gateway.request("/api/datasets"));

        assertThat(during.statusCode()).isEqualTo(200);
        assertThat(during.headers().firstValue("connection")).contains("close");
        assertThat(readiness(gateway)).isEqualTo(503);
      } finally {
        stop.interrupt();
        assertThat(stop.join(Duration.ofMinutes(1))).isTrue();
      }
      assertThat(gateway.context.isActive()).isFalse();
    }
  }

  private static int readiness(GatewayFixture gateway) throws Exception {
    return gateway
        .send(
            HttpRequest.newBuilder(gateway.uri("/actuator/health/readiness"))
                .timeout(Duration.ofSeconds(30)))
        .statusCode();
  }
}
