package io.millrace.gateway.route;

import static org.springframework.web.servlet.function.RequestPredicates.GET;

import io.millrace.gateway.Service;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClient;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Models of several inference services as if they were one's: lists are joined, and a model is
 * looked for in each. A list is whole or an error; a service that is away would otherwise look like
 * models that are gone.
 */
final class ModelRoutes {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final List<URI> services;
  private final RestClient client;
  private final ForwardedHeaders headers;

  ModelRoutes(List<URI> services, RestClient client, ForwardedHeaders headers) {
    this.services = services;
    this.client = client;
    this.headers = headers;
  }

  RouterFunction<ServerResponse> routes() {
    RouterFunctions.Builder routes = RouterFunctions.route();
    routes.route(GET("/api/models"), request -> joined(request, "models", "name"));
    routes.route(GET("/v1/models"), request -> joined(request, "data", "id"));
    routes.route(GET("/api/models/{name}"), this::first);
    routes.route(GET("/v1/models/{name}"), this::first);
    routes.filter(new ServiceFailures(Service.INFERENCE));
    return routes.build();
  }

  /** What a service answered, with a body of JSON. */
  @SuppressWarnings("ArrayRecordComponent") // is never compared
  private record Answer(HttpStatusCode status, HttpHeaders headers, byte[] body) {
    ServerResponse pass() {
      ServerResponse.BodyBuilder response = ServerResponse.status(status);
      MediaType type = headers.getContentType();
      return (type == null ? response : response.contentType(type)).body(body);
    }
  }

  private ServerResponse joined(ServerRequest request, String list, String name) {
    ObjectNode whole = JSON.createObjectNode();
    Map<String, JsonNode> models = new TreeMap<>();
    for (URI service : services) {
      Answer answer = ask(service, request);
      if (!answer.status().isSameCodeAs(HttpStatus.OK)) {
        return answer.pass();
      }
      JsonNode part = JSON.readTree(answer.body());
      part.properties().forEach(field -> whole.set(field.getKey(), field.getValue()));
      for (JsonNode model : part.path(list)) {
        models.merge(model.path(name).asString(), model, ModelRoutes::newer);
      }
    }
    whole.set(list, array(models.values()));
    return ServerResponse.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(JSON.writeValueAsBytes(whole));
  }

  /** Of a model that two services serve: what the one that is further has to say. */
  private static JsonNode newer(JsonNode one, JsonNode other) {
    return other.path("version").asInt() > one.path("version").asInt() ? other : one;
  }

  private static ArrayNode array(Collection<JsonNode> elements) {
    ArrayNode array = JSON.createArrayNode();
    elements.forEach(array::add);
    return array;
  }

  /** The answer of the first service that knows the model; if none does, the last one's. */
  private ServerResponse first(ServerRequest request) {
    Answer answer = null;
    for (URI service : services) {
      answer = ask(service, request);
      if (!answer.status().isSameCodeAs(HttpStatus.NOT_FOUND)) {
        break;
      }
    }
    if (answer == null) {
      throw new IllegalStateException("no inference service");
    }
    return answer.pass();
  }

  private Answer ask(URI service, ServerRequest request) {
    URI uri =
        UriComponentsBuilder.fromUri(service)
            .replacePath(request.servletRequest().getRequestURI())
            .replaceQuery(request.servletRequest().getQueryString())
            .build(/* encoded= */ true)
            .toUri();
    return client
        .get()
        .uri(uri)
        .headers(sent -> sent.addAll(headers.apply(new HttpHeaders(), request)))
        .exchange((sent, response) ->
            new Answer(
                response.getStatusCode(),
                response.getHeaders(),
                response.getBody().readAllBytes()));
  }
}
