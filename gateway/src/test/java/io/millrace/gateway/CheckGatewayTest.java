package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.gateway.check.CheckGateway;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class CheckGatewayTest {
  private static GatewayFixture gateway;
  private final List<String> output = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    gateway = new GatewayFixture();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void saysWhatHolds() {
    assertThat(check(Map.of())).as(output()).isZero();
    assertThat(output())
        .isEqualTo(
            """
            ok: the gateway is ready
            ok: a request without a key is refused
            ok: a request with the key is answered
            ok: the services are ready
            ok: a gRPC call without a key is refused
            ok: a gRPC call with the key is answered
            all is well
            """);
  }

  @Test
  void failsWithAKeyThatIsNone() {
    assertThat(check(Map.of("MILLRACE_CHECK_KEY", "mr_wrong"))).isEqualTo(1);
    assertThat(output()).contains("FAILED: a request with the key is answered", "401");
  }

  @Test
  void failsWithoutAKey() {
    assertThat(check(Map.of("MILLRACE_CHECK_KEY", ""))).isEqualTo(1);
    assertThat(output())
        .isEqualTo("FAILED: MILLRACE_CHECK_KEY is not set: no API key to call with\n");
  }

  @Test
  void failsWhereNobodyListens() {
    assertThat(
            check(
                Map.of(
                    "MILLRACE_CHECK_URL", "http://127.0.0.1:1", "MILLRACE_CHECK_TIMEOUT", "PT0S")))
        .isEqualTo(1);
    assertThat(output()).contains("FAILED: not within PT0S", "http://127.0.0.1:1");
  }

  @Test
  void failsWhileAServiceIsAway() {
    gateway.service(Service.TRAINING).ready = false;
    try {
      assertThat(check(Map.of("MILLRACE_CHECK_TIMEOUT", "PT0S"))).isEqualTo(1);
      assertThat(output()).contains("FAILED: not within PT0S: the services are ready", "503");
    } finally {
      gateway.service(Service.TRAINING).ready = true;
    }
  }

  private int check(Map<String, String> changes) {
    Map<String, String> variables =
        new HashMap<>(
            Map.of(
                "MILLRACE_CHECK_URL",
                gateway.uri("/").toString(),
                "MILLRACE_CHECK_GRPC",
                "127.0.0.1:" + gateway.grpcPort(),
                "MILLRACE_CHECK_KEY",
                gateway.adminKey));
    variables.putAll(changes);
    return CheckGateway.run(variables, output::add);
  }

  private String output() {
    return String.join("\n", output) + "\n";
  }
}
