package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.training.v1.TrainingServiceGrpc;
import io.millrace.testing.RawClient;
import io.millrace.testing.RawMethods;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no proper client sends: every service refuses it in the platform's own form. */
abstract class EdgeContract {
  private final ContractPlatform platform;

  EdgeContract(ContractPlatform platform) {
    this.platform = platform;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET /api/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /api/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a/../../b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nonsense\r\n\r\n",
      })
  void refusesWhatIsNotHttp(String request) throws IOException {
    assertThat(platform.ports())
        .containsOnlyKeys("data-service", "training-service", "inference-service", "gateway");
    for (int port : platform.ports().values()) {
      try (RawClient client = new RawClient(port)) {
        assertThat(client.send(request).answer())
            .as("%s", platform.ports())
            .startsWith("HTTP/1.1 400")
            .contains("application/problem+json", "\"code\":\"invalid_argument\"")
            .doesNotContain("<html", "Tomcat", "text/html");
      }
    }
  }

  /** With a key, so that it gets as far as to the service behind the gateway. */
  @ParameterizedTest
  @ValueSource(strings = {"/api/datasets", "/api/runs", "/v1/completions", "/api/keys"})
  void refusesHalfACharacter(String path) throws IOException {
    String half = "{\"name\": \"\\ud800\"}";
    assertThat(post(path, "Content-Length: %d\r\n\r\n%s".formatted(half.length(), half)))
        .startsWith("HTTP/1.1 400")
        .contains(path.startsWith("/v1/") ? "{\"error\":" : "application/problem+json")
        .doesNotContain("<html", "Tomcat");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/datasets", "/api/runs", "/v1/completions", "/api/keys"})
  void refusesMalformedChunks(String path) throws IOException {
    assertThat(post(path, "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("the body is not what its headers announce")
        .doesNotContain("<html", "Tomcat");
  }

  private String post(String path, String rest) throws IOException {
    String head =
        "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
            .formatted(path, platform.rest().key());
    try (RawClient client = new RawClient(platform.address().getPort())) {
      return client.send(head + rest).answer();
    }
  }

  @Test
  void refusesBytesThatAreNoMessage() {
    for (MethodDescriptor<?, ?> method :
        List.of(
            DataServiceGrpc.getGetDatasetMethod(),
            TrainingServiceGrpc.getGetRunMethod(),
            InferenceServiceGrpc.getListVersionsMethod())) {
      MethodDescriptor<byte[], byte[]> raw = RawMethods.of(method);
      Refusal.require(
          "invalid_argument",
          () ->
              Rpc.call(() ->
                  ClientCalls.blockingUnaryCall(
                      platform.rpc().channel(),
                      raw,
                      CallOptions.DEFAULT,
                      new byte[] {0x0a, 0x7f, 1})));
    }
  }
}
