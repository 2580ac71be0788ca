package io.millrace.gateway.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.millrace.gateway.Replicas;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/** Replicas are servers on several addresses of this machine's loopback network. */
class ServiceHealthTest {
  private final List<HttpServer> servers = new ArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
  }

  @Test
  void isUpIfAllReplicasAreReady() throws IOException {
    int port = start("127.0.0.21", 0, 200);
    start("127.0.0.22", port, 200);

    Health health = answered(port, "127.0.0.21", "127.0.0.22");

    assertThat(health.getStatus()).isEqualTo(Status.UP);
    assertThat(health.getDetails()).containsEntry("replicas", 2).containsEntry("ready", 2L);
  }

  @Test
  void isDownWhicheverReplicaIsNotReady() throws IOException {
    int port = start("127.0.0.21", 0, 200);
    start("127.0.0.22", port, 503);

    for (String[] order :
        new String[][] {{"127.0.0.21", "127.0.0.22"}, {"127.0.0.22", "127.0.0.21"}}) {
      Health health = answered(port, order);
      assertThat(health.getStatus()).isEqualTo(Status.DOWN);
      assertThat(health.getDetails())
          .containsEntry("status", 503)
          .containsEntry("replicas", 2)
          .containsEntry("ready", 1L);
    }
  }

  @Test
  void isDownWithTheReasonIfAReplicaIsAway() throws IOException {
    int port = start("127.0.0.21", 0, 200);

    Health health = health(port, "127.0.0.21", "127.0.0.23");

    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(String.valueOf(health.getDetails().get("error"))).contains("ConnectException");
    assertThat(health.getDetails()).containsEntry("ready", 1L);
  }

  @Test
  void isDownIfTheNameHasNoAddress() {
    Health health =
        new ServiceHealth(
                HttpClient.newHttpClient(),
                List.of(URI.create("http://replicas:1")),
                new Replicas(host -> {
                  throw new UnknownHostException(host);
                }))
            .health();

    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(String.valueOf(health.getDetails().get("error"))).contains("replicas");
  }

  /** What all replicas have answered to in time, which a machine that is busy may not let them. */
  private static Health answered(int port, String... addresses) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .until(
            () -> health(port, addresses),
            health -> !String.valueOf(health.getDetails().get("error")).contains("Timeout"));
  }

  private static Health health(int port, String... addresses) {
    return new ServiceHealth(
            HttpClient.newHttpClient(),
            List.of(URI.create("http://replicas:" + port)),
            new Replicas(host -> {
              InetAddress[] resolved = new InetAddress[addresses.length];
              for (int i = 0; i < addresses.length; i++) {
                resolved[i] = InetAddress.getByName(addresses[i]);
              }
              return resolved;
            }))
        .health();
  }

  private int start(String address, int port, int status) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
    server.createContext(
        "/actuator/health/readiness",
        exchange -> {
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    servers.add(server);
    return server.getAddress().getPort();
  }
}
