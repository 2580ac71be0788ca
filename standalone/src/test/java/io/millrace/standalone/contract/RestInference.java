package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Models over REST; completions as OpenAI's clients stream them. */
final class RestInference implements Inference {
  private final Rest rest;

  RestInference(Rest rest) {
    this.rest = rest;
  }

  @Override
  public List<Model> models() {
    return rest.get("/api/models")
        .expect(200)
        .path("models")
        .valueStream()
        .map(model ->
            new Model(
                model.path("name").asString(),
                model.path("task").asString(""),
                model.path("version").asInt(),
                model.path("digest").asString("")))
        .toList();
  }

  @Override
  public Completion complete(String model, String prompt, int maxTokens) {
    Rest.Answer answer =
        rest.post(
            "/v1/completions",
            Map.of(
                "model",
                model,
                "prompt",
                prompt,
                "max_tokens",
                maxTokens,
                "temperature",
                0,
                "stream",
                true,
                "stream_options",
                Map.of("include_usage", true)));
    if (answer.status() != 200) {
      throw Refusal.of(answer);
    }
    List<ServerSentEvents.Event> events = ServerSentEvents.of(answer.text());
    assertThat(events.getLast().data()).isEqualTo("[DONE]");
    List<JsonNode> chunks =
        events.subList(0, events.size() - 1).stream().map(ServerSentEvents.Event::json).toList();
    StringBuilder text = new StringBuilder();
    chunks.forEach(chunk -> text.append(chunk.at("/choices/0/text").asString("")));
    JsonNode usage = chunks.getLast().path("usage");
    return new Completion(
        text.toString(),
        chunks.get(chunks.size() - 2).at("/choices/0/finish_reason").asString(),
        usage.path("prompt_tokens").asInt(),
        usage.path("completion_tokens").asInt());
  }

  @Override
  public List<Likely> classify(String model, Map<String, Double> row) {
    JsonNode answer =
        rest.post("/api/classify", Map.of("model", model, "inputs", List.of(row), "top_k", 2))
            .expect(200);
    return answer
        .path("results")
        .path(0)
        .path("classes")
        .valueStream()
        .map(one -> new Likely(one.path("label").asString(), one.path("probability").asDouble()))
        .toList();
  }

  @Override
  public Found detect(String model, byte[] picture, int most) {
    return found(
        rest.send(
                "POST",
                "/api/detect?model=%s&min_score=0&max_detections=%d".formatted(model, most),
                "image/png",
                picture)
            .expect(200));
  }

  @Override
  public void createIndex(String name, String model, String dataset) {
    rest.post("/api/indexes", Map.of("name", name, "model", model, "dataset", dataset)).expect(201);
  }

  @Override
  public Map<String, Long> indexes() {
    Map<String, Long> items = new HashMap<>();
    for (JsonNode index : rest.get("/api/indexes").expect(200).path("indexes")) {
      String name = index.path("name").asString();
      items.put(name, rest.get("/api/indexes/" + name).expect(200).path("items").asLong());
    }
    return items;
  }

  @Override
  public List<String> search(String index, String text, int limit) {
    return rest.post("/api/search", Map.of("index", index, "text", text, "limit", limit))
        .expect(200)
        .path("results")
        .valueStream()
        .map(result -> result.path("document_id").asString())
        .toList();
  }

  @Override
  public void deleteIndex(String name) {
    rest.send("DELETE", "/api/indexes/" + name, "application/json", new byte[0]).expect(204);
  }

  @Override
  public Owned versions(String model) {
    JsonNode answer = rest.get("/api/models/" + model + "/versions").expect(200);
    return new Owned(
        answer.path("policy").path("kind").asString(),
        answer.path("pinned").asBoolean(),
        answer
            .path("versions")
            .valueStream()
            .map(version -> version.path("state").asString())
            .toList(),
        answer
            .path("runs")
            .valueStream()
            .collect(
                Collectors.toMap(
                    run -> run.path("run_id").asString(),
                    run ->
                        Owned.told(
                            run.at("/policy/kind").asString(""),
                            run.at("/retention/last").asLong()))));
  }

  @Override
  public String promote(String model, int version, boolean pin) {
    return rest.post(
            "/api/models/%s/%s".formatted(model, pin ? "pin" : "promote"),
            Map.of("version", version))
        .expect(200)
        .path("reason")
        .asString();
  }

  @Override
  public String rollBack(String model) {
    return rest.send("POST", "/api/models/" + model + "/rollback", "application/json", new byte[0])
        .expect(200)
        .path("reason")
        .asString();
  }

  @Override
  public void unpin(String model) {
    rest.send("POST", "/api/models/" + model + "/unpin", "application/json", new byte[0])
        .expect(204);
  }

  @Override
  public void setPolicy(String model, @Nullable String figure) {
    Map<String, String> policy =
        figure == null
            ? Map.of("kind", "automatic")
            : Map.of("kind", "if_better", "figure", figure, "direction", "lower");
    rest.send(
            "PUT",
            "/api/models/" + model + "/policy",
            "application/json",
            JsonMapper.shared().writeValueAsBytes(policy))
        .expect(200);
  }

  @Override
  public void setRetention(String model, int last) {
    rest.send(
            "PUT",
            "/api/models/" + model + "/retention",
            "application/json",
            JsonMapper.shared().writeValueAsBytes(Map.of("last", last)))
        .expect(200);
  }

  @Override
  public void deleteVersion(String model, int version) {
    rest.delete("/api/models/" + model + "/versions/" + version).expect(204);
  }

  @Override
  public void deleteModel(String model) {
    rest.delete("/api/models/" + model).expect(204);
  }

  @Override
  public Embedded embed(String model, List<String> texts, int dimensions) {
    JsonNode answer =
        rest.post(
                "/api/embeddings", Map.of("model", model, "texts", texts, "dimensions", dimensions))
            .expect(200);
    return new Embedded(
        answer.at("/embeddings/0").size(),
        answer.path("embeddings").size(),
        answer.path("tokens").asLong());
  }

  @Override
  public List<Seen> fieldsOfPreset(String preset) {
    return seen(rest.get("/api/receptive-field?preset=" + preset).expect(200));
  }

  @Override
  public List<Seen> fieldsOfModel(String model) {
    return seen(rest.get("/api/receptive-field?model=" + model).expect(200));
  }

  @Override
  public List<Seen> fieldsOfConfig(byte[] json) {
    return seen(rest.send("POST", "/api/receptive-field", Rest.JSON, json).expect(200));
  }

  private static List<Seen> seen(JsonNode answer) {
    return answer
        .path("maps")
        .valueStream()
        .map(map ->
            new Seen(
                map.path("stride").asInt(),
                map.path("branch").asInt(),
                map.path("size").asDouble(),
                map.path("max_object").asDouble(Double.POSITIVE_INFINITY),
                map.path("layers").size()))
        .toList();
  }

  static Found found(JsonNode answer) {
    return new Found(
        answer.path("image_width").asInt(),
        answer.path("image_height").asInt(),
        answer
            .path("detections")
            .valueStream()
            .map(box ->
                new Box(
                    box.path("label").asString(),
                    box.path("score").asDouble(),
                    box.path("x").asDouble(),
                    box.path("y").asDouble(),
                    box.path("width").asDouble(),
                    box.path("height").asDouble()))
            .toList());
  }
}
