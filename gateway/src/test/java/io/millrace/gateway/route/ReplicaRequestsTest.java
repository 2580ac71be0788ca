package io.millrace.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.gateway.Replicas;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/** Replicas are servers on several addresses of this machine's loopback network. */
class ReplicaRequestsTest {
  private final List<HttpServer> servers = new ArrayList<>();
  private final Queue<String> answered = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
  }

  @Test
  void replicasAreAskedInTurn() throws IOException {
    int port = start("127.0.0.11", 0);
    start("127.0.0.12", port);
    RestClient client = client("127.0.0.11", "127.0.0.12");

    for (int i = 0; i < 4; i++) {
      assertThat(post(client, port, "x")).isEqualTo("x");
    }

    assertThat(answered.stream().filter("/127.0.0.11"::equals)).hasSize(2);
    assertThat(answered.stream().filter("/127.0.0.12"::equals)).hasSize(2);
  }

  @Test
  void aReplicaThatIsAwayGivesWayAndTheBodyArrivesWhole() throws IOException {
    int port = start("127.0.0.11", 0);
    RestClient client = client("127.0.0.12", "127.0.0.11", "127.0.0.13");
    String body = "a document ".repeat(10_000);

    for (int i = 0; i < 6; i++) {
      assertThat(post(client, port, body)).isEqualTo(body);
    }

    assertThat(answered).hasSize(6).containsOnly("/127.0.0.11");
  }

  @Test
  void allAwayIsAFailureThatNamesEachTry() throws IOException {
    int port = start("127.0.0.11", 0);
    RestClient client = client("127.0.0.12", "127.0.0.13");

    assertThatThrownBy(() -> post(client, port, "x"))
        .isInstanceOf(ResourceAccessException.class)
        .cause()
        .isInstanceOf(java.net.ConnectException.class)
        .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));
  }

  @Test
  void pathAndQueryStayAsTheyAre() throws IOException {
    int port = start("127.0.0.11", 0);
    RestClient client = client("127.0.0.12", "127.0.0.11");

    String path =
        client
            .get()
            .uri(java.net.URI.create("http://replicas:" + port + "/a%20b/c?q=%C3%A4+1"))
            .retrieve()
            .body(String.class);

    assertThat(path).isEqualTo("/a%20b/c?q=%C3%A4+1");
  }

  private static String post(RestClient client, int port, String body) {
    String answer =
        client
            .post()
            .uri("http://replicas:" + port + "/echo")
            .body(out -> out.write(body.getBytes(StandardCharsets.UTF_8)))
            .exchange((request, response) ->
                new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8));
    return answer == null ? "" : answer;
  }

  private static RestClient client(String... addresses) {
    return RestClient.builder()
        .requestFactory(
            new ReplicaRequests(
                new JdkClientHttpRequestFactory(HttpClient.newHttpClient()),
                new Replicas(host -> {
                  InetAddress[] resolved = new InetAddress[addresses.length];
                  for (int i = 0; i < addresses.length; i++) {
                    resolved[i] = InetAddress.getByName(addresses[i]);
                  }
                  return resolved;
                })))
        .build();
  }

  private int start(String address, int port) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
    server.createContext("/", this::answer);
    server.start();
    servers.add(server);
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    answered.add(exchange.getLocalAddress().getAddress().toString());
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (body.length == 0) {
      body = exchange.getRequestURI().toString().getBytes(StandardCharsets.UTF_8);
    }
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
