package io.millrace.standalone.helm.pods;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A probe of a container, asked from outside of it as a kubelet does.
 *
 * @param probe its specification
 * @param container that it belongs to
 * @param name of the container on the engine
 * @param address of the container
 */
record Probe(JsonNode probe, JsonNode container, String name, String address) {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  Duration period() {
    return Duration.ofSeconds(probe.path("periodSeconds").intValue(10));
  }

  int failures() {
    return probe.path("failureThreshold").intValue(3);
  }

  /** Whether it holds now. */
  boolean holds() throws InterruptedException {
    Duration timeout = Duration.ofSeconds(probe.path("timeoutSeconds").intValue(1));
    try {
      if (probe.has("httpGet")) {
        URI uri =
            URI.create(
                "http://%s:%d%s"
                    .formatted(
                        address,
                        port(probe.at("/httpGet/port")),
                        probe.at("/httpGet/path").asString("/")));
        int status =
            HTTP.send(
                    HttpRequest.newBuilder(uri).timeout(timeout).build(), BodyHandlers.discarding())
                .statusCode();
        return status >= 200 && status < 400;
      }
      if (probe.has("tcpSocket")) {
        try (Socket socket = new Socket()) {
          socket.connect(
              new InetSocketAddress(address, port(probe.at("/tcpSocket/port"))),
              Math.toIntExact(timeout.toMillis()));
          return true;
        }
      }
    } catch (IOException notThere) {
      return false;
    }
    if (probe.has("exec")) {
      List<String> command = new ArrayList<>(List.of("exec", name));
      probe.at("/exec/command").forEach(word -> command.add(word.asString()));
      return Engine.run(command.toArray(String[]::new)).status() == 0;
    }
    throw new IllegalStateException("a kind of probe that is not known here: " + probe);
  }

  private int port(JsonNode port) {
    if (port.isNumber()) {
      return port.intValue();
    }
    return container
        .path("ports")
        .valueStream()
        .filter(one -> one.path("name").asString("").equals(port.asString()))
        .map(one -> one.path("containerPort").intValue())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no port " + port));
  }
}
