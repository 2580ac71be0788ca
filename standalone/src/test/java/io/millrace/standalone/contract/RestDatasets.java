package io.millrace.standalone.contract;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Datasets over REST. */
final class RestDatasets implements Datasets {
  private static final String PATH = "/api/datasets";

  private final Rest rest;

  RestDatasets(Rest rest) {
    this.rest = rest;
  }

  @Override
  public Seen createTexts(String name, int packLength) {
    return seen(
        rest.post(PATH, Map.of("name", name, "kind", "text", "pack_length", packLength))
            .expect(201));
  }

  @Override
  public Seen createPictures(String name) {
    return seen(
        rest.post(
                PATH,
                Map.of(
                    "name",
                    name,
                    "kind",
                    "images",
                    "classes",
                    List.of(Scene.LABEL),
                    "image_width",
                    Scene.SIDE,
                    "image_height",
                    Scene.SIDE))
            .expect(201));
  }

  @Override
  public long append(String dataset, List<String> texts) {
    return appendLines(
        dataset, texts.stream().map(text -> Map.<String, Object>of("text", text)).toList());
  }

  @Override
  public long appendScene(String dataset, Scene scene) {
    return appendLines(dataset, List.of(scene.document()));
  }

  @Override
  public long appendNoPicture(String dataset) {
    return appendLines(dataset, List.of(Map.of("image", "AAAA", "boxes", List.of())));
  }

  @Override
  public List<String> rejected(String dataset) {
    return rest.get(PATH + "/" + dataset + "/rejected")
        .expect(200)
        .path("rejected")
        .valueStream()
        .map(document -> document.path("reason").asString())
        .toList();
  }

  @Override
  public long replay(String dataset) {
    return rest.post(PATH + "/" + dataset + "/rejected/replay", Map.of())
        .expect(200)
        .path("replayed")
        .asLong();
  }

  @Override
  public long repair(String dataset) {
    return rest.post(PATH + "/" + dataset + "/repair", Map.of())
        .expect(200)
        .path("left_out")
        .asLong();
  }

  @Override
  public Seen get(String name) {
    return seen(rest.get(PATH + "/" + name).expect(200));
  }

  @Override
  public List<String> list() {
    return rest.get(PATH)
        .expect(200)
        .path("datasets")
        .valueStream()
        .map(dataset -> dataset.path("name").asString())
        .toList();
  }

  @Override
  public Seen change(String dataset, double rejectedWarnPercent) {
    return seen(
        rest.patch(PATH + "/" + dataset, Map.of("rejected_warn_percent", rejectedWarnPercent))
            .expect(200));
  }

  @Override
  public Seen trainTokenizer(String dataset, int vocabulary) {
    return seen(
        rest.post(
                PATH + "/" + dataset + "/tokenizer",
                Map.of("train", Map.of("vocab_size", vocabulary)))
            .expect(202));
  }

  @Override
  public Seen setTokenizer(String dataset, String tokenizerJson) {
    return seen(
        rest.post(PATH + "/" + dataset + "/tokenizer", Map.of("tokenizer_json", tokenizerJson))
            .expect(200));
  }

  @Override
  public Sealed seal(String dataset) {
    JsonNode snapshot =
        rest.post(PATH + "/" + dataset + "/snapshots", Map.of("wait_seconds", 60)).expect(201);
    return new Sealed(
        snapshot.path("version").asInt(),
        snapshot.path("sha256").asString(),
        snapshot
            .path("train")
            .valueStream()
            .mapToLong(range -> range.path("records").asLong())
            .sum());
  }

  @Override
  public void delete(String name) {
    rest.delete(PATH + "/" + name).expect(204);
  }

  private long appendLines(String dataset, List<Map<String, Object>> documents) {
    return rest.post(
            PATH + "/" + dataset + "/documents",
            "application/x-ndjson",
            LearnedModels.lines(documents))
        .expect(200)
        .path("accepted")
        .asLong();
  }

  private static Seen seen(JsonNode dataset) {
    return new Seen(
        dataset.path("name").asString(),
        dataset.path("kind").asString(),
        dataset.path("tokenizer").path("state").asString(""),
        dataset.path("tokenizer").path("location").asString(""),
        dataset.path("counts").path("documents").asLong(),
        dataset.path("counts").path("prepared").asLong(),
        dataset.path("snapshots").size());
  }
}
