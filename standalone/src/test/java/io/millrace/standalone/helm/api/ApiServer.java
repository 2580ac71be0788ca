package io.millrace.standalone.helm.api;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.Headers;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * fabric8's API server in CRUD mode with what Helm asks of a server beside it: discovery, watches
 * without WebSockets, strategic merge patches, and the defaults that Kubernetes fills in. {@link
 * Controllers} moves the objects forward.
 */
public final class ApiServer implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String HTTP = "HTTP/1.1";

  /** It tells of every request; kept, or its level would be forgotten. */
  private static final Logger TALK = Logger.getLogger(MockWebServer.class.getName());

  /** A watch that sees nothing new ends after this, and is begun again by its client. */
  private static final Duration WATCH = Duration.ofMillis(200);

  private final KubernetesCrudDispatcher objects = new KubernetesCrudDispatcher();
  private final MockWebServer server = new MockWebServer();
  private final List<String> changes = new CopyOnWriteArrayList<>();
  private final Controllers controllers = new Controllers(this);

  private ApiServer() {}

  /** Starts a server without objects, on any free port of this machine. */
  public static ApiServer start() {
    TALK.setLevel(Level.WARNING);
    ApiServer api = new ApiServer();
    api.server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            // Without, a client takes an answer for what it sent, which may be protobuf.
            return api.answer(request).setHeader("Content-Type", "application/json");
          }
        });
    api.server.start();
    api.controllers.start();
    return api;
  }

  /** A kubeconfig by which Helm finds it. */
  public String kubeconfig() {
    return """
    apiVersion: v1
    kind: Config
    clusters: [{name: test, cluster: {server: 'http://%s:%d'}}]
    users: [{name: test, user: {token: test}}]
    contexts: [{name: test, context: {cluster: test, user: test, namespace: apps}}]
    current-context: test
    """
        .formatted(server.getHostName(), server.getPort());
  }

  /** What Helm changed, in order, e.g. {@code POST deployments/mill-gateway}. */
  public List<String> changes() {
    return List.copyOf(changes);
  }

  /** All objects of the namespace {@code apps}, without those that controllers made. */
  public List<JsonNode> objects() {
    return Discovery.kinds().stream()
        .filter(kind -> !kind.name().equals("ReplicaSet"))
        .flatMap(kind -> list(kind).stream())
        .toList();
  }

  /** The objects of a kind. */
  public List<JsonNode> objects(String kind) {
    return Discovery.kinds().stream()
        .filter(known -> known.name().equals(kind))
        .flatMap(known -> list(known).stream())
        .toList();
  }

  /** Sets the number of pods, as an autoscaler does. */
  public void scale(String deployment, int replicas) {
    Discovery.Kind kind = kind("/deployments");
    for (JsonNode object : list(kind)) {
      if (name(object).equals(deployment)) {
        ObjectNode scaled = (ObjectNode) object.deepCopy();
        scaled.withObject("/spec").put("replicas", replicas);
        scaled.withObject("/metadata").remove("resourceVersion");
        send(HttpMethod.PUT, kind.path("apps") + "/" + deployment, scaled);
      }
    }
  }

  @Override
  public void close() {
    controllers.close();
    server.shutdown();
  }

  List<JsonNode> list(Discovery.Kind kind) {
    MockResponse answer = objects.handleGet(kind.path("apps"));
    return JSON.readTree(text(answer)).path("items").valueStream().toList();
  }

  /** Writes the status of an object that is there, as a controller does. */
  void putStatus(Discovery.Kind kind, JsonNode object) {
    send(HttpMethod.PUT, kind.path("apps") + "/" + name(object) + "/status", object);
  }

  void post(Discovery.Kind kind, JsonNode object) {
    send(HttpMethod.POST, kind.path("apps"), object);
  }

  void delete(Discovery.Kind kind, String name) {
    objects.handleDelete(kind.path("apps") + "/" + name);
  }

  static String name(JsonNode object) {
    return object.at("/metadata/name").asString();
  }

  private MockResponse send(HttpMethod method, String path, JsonNode object) {
    return objects.dispatch(
        new RecordedRequest(
            HTTP,
            method,
            path,
            Headers.builder().add("Content-Type", "application/json").build(),
            new Buffer(JSON.writeValueAsBytes(object))));
  }

  private MockResponse answer(RecordedRequest request) {
    URI uri = URI.create("http://api" + request.getPath());
    String path = uri.getPath();
    String query = uri.getQuery() == null ? "" : uri.getQuery();
    if (request.method() == HttpMethod.GET) {
      String discovered = Discovery.answer(path).orElse("");
      if (!discovered.isEmpty()) {
        return json(200, discovered);
      }
      if (query.contains("watch=true") || query.contains("watch=1")) {
        return watch(path, query);
      }
      MockResponse found = objects.dispatch(request);
      return found.code() == 200 ? listed(path, found) : found;
    }
    record(request, path);
    return switch (request.method()) {
      case PATCH -> {
        MockResponse found = objects.handleGet(path);
        if (found.code() != 200) {
          yield found;
        }
        ObjectNode before = (ObjectNode) JSON.readTree(text(found));
        ObjectNode patch = body(request);
        yield send(HttpMethod.PUT, path, Defaults.fill(StrategicMerge.merge(before, patch)));
      }
      case POST, PUT -> send(request.method(), path, Defaults.fill(body(request)));
      default -> objects.dispatch(request);
    };
  }

  /** Clients that know what they asked for want its name: a list of pods is a PodList. */
  private static MockResponse listed(String path, MockResponse found) {
    JsonNode answer = JSON.readTree(text(found));
    if (!answer.has("items")) {
      return found;
    }
    Discovery.Kind kind = kind(path);
    ObjectNode list = (ObjectNode) answer;
    list.put("kind", kind.name() + "List").put("apiVersion", kind.version());
    return json(200, list.toString());
  }

  /** What a path of many objects is of. */
  private static Discovery.Kind kind(String path) {
    String plural = path.substring(path.lastIndexOf('/') + 1);
    return Discovery.kinds().stream()
        .filter(kind -> kind.plural().equals(plural))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no kind is known by " + path));
  }

  /**
   * What is there, as one event for each object; a client begins again until it sees what it wants.
   */
  private MockResponse watch(String path, String query) {
    String name =
        Stream.of(query.split("&"))
            .filter(part -> part.startsWith("fieldSelector=metadata.name="))
            .map(part -> part.substring(part.lastIndexOf('=') + 1))
            .findFirst()
            .orElse("");
    List<String> events = new ArrayList<>();
    for (JsonNode object : JSON.readTree(text(objects.handleGet(path))).path("items")) {
      if (name.isEmpty() || name.equals(name(object))) {
        events.add("{\"type\":\"MODIFIED\",\"object\":" + object + "}\n");
      }
    }
    if (query.contains("sendInitialEvents=true")) {
      // What was there is told; a client that asked for it waits for this.
      Discovery.Kind kind = kind(path);
      events.add(
          """
          {"type":"BOOKMARK","object":{"kind":"%s","apiVersion":"%s","metadata":{"resourceVersion":"%d",\
          "annotations":{"k8s.io/initial-events-end":"true"}}}}
          """
              .formatted(kind.name(), kind.version(), objects.requestResourceVersion()));
    }
    return json(200, String.join("", events)).setBodyDelay(WATCH);
  }

  private void record(RecordedRequest request, String path) {
    String[] parts = path.split("/namespaces/apps/");
    String what = parts[parts.length - 1];
    if (request.method() == HttpMethod.POST) {
      what += "/" + name(body(request));
    }
    changes.add(request.getMethod() + " " + what);
  }

  private static ObjectNode body(RecordedRequest request) {
    byte[] body = request.getBody().getBytes();
    return ProtobufSecret.is(body) ? ProtobufSecret.read(body) : (ObjectNode) JSON.readTree(body);
  }

  private static MockResponse json(int status, String body) {
    return new MockResponse().setResponseCode(status).setBody(body);
  }

  private static String text(MockResponse response) {
    Buffer body = response.getBody();
    return body == null
        ? "{}"
        : new String(body.getBytes(), java.nio.charset.StandardCharsets.UTF_8);
  }
}
