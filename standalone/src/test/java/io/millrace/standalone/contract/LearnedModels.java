package io.millrace.standalone.contract;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A language model, a detector and a classifier that have learned a little from datasets of their
 * own.
 */
final class LearnedModels {
  static final String TEXTS = "learned-texts";
  static final String SCENES = "learned-scenes";
  static final String TABLE = "learned-table";
  static final String SORTED_SCENES = "learned-kinds";

  /** Classes of whole scenes. */
  static final List<String> KINDS = List.of("even", "odd");

  static final int VOCABULARY = 300;
  static final int PACK_LENGTH = 64;

  private static final String WRITER = "learned-writer";
  private static final String FINDER = "cells";
  private static final String SORTER = "iris";
  private static final String PICTURE_SORTER = "learned-kinds-of-scenes";
  private static final int STEPS = 6;

  private final Rest rest;

  /** A row as the classifier takes it. */
  static final String ROW_JSON = "{\"petal_length\": 1.5, \"petal_width\": 7}";

  private final List<String> made = new ArrayList<>();

  LearnedModels(Rest rest) {
    this.rest = rest;
  }

  /** Name of a language model that serves. */
  String language() {
    texts();
    return once(WRITER, () -> learn(WRITER, "language", TEXTS, ContractPlatform.LANGUAGE_PRESET));
  }

  /** Name of a detector that serves. */
  String detection() {
    scenes();
    return once(
        FINDER, () -> learn(FINDER, "detection", SCENES, ContractPlatform.DETECTION_PRESET));
  }

  /** Name of a classifier that serves. */
  String classification() {
    once(TABLE, this::makeTable);
    return once(SORTER, () -> learn(SORTER, "classification", TABLE, "linear"));
  }

  /** Name of a classifier of pictures that serves. */
  String pictureClassification() {
    once(SORTED_SCENES, this::makeSortedScenes);
    return once(
        PICTURE_SORTER, () -> learn(PICTURE_SORTER, "classification", SORTED_SCENES, "nano"));
  }

  /** The run that the detector learned in. */
  String detectionRun() {
    return rest.get("/api/runs?model=" + detection())
        .expect(200)
        .path("runs")
        .path(0)
        .path("id")
        .asString();
  }

  /** Name of a dataset of texts with a snapshot. */
  String texts() {
    return once(TEXTS, this::makeTexts);
  }

  /** Name of a dataset of pictures with a snapshot. */
  String scenes() {
    return once(SCENES, this::makeScenes);
  }

  /** Short texts, all different. */
  static List<String> someTexts(int count) {
    return IntStream.range(0, count)
        .mapToObj(i ->
            "The mill at river %d turns %d stones, and the miller counts them by day and night."
                .formatted(i, i * 7 % 13))
        .toList();
  }

  private void makeTexts() {
    rest.post(
            "/api/datasets",
            Map.of(
                "name", TEXTS, "kind", "text", "pack_length", PACK_LENGTH, "heldout_percent", 10))
        .expect(201);
    rest.post(
            "/api/datasets/" + TEXTS + "/documents",
            "application/x-ndjson",
            lines(
                someTexts(80).stream().map(text -> Map.<String, Object>of("text", text)).toList()))
        .expect(200);
    rest.post(
            "/api/datasets/" + TEXTS + "/tokenizer",
            Map.of("train", Map.of("vocab_size", VOCABULARY)))
        .expect(202);
    Await.until(
        () ->
            rest.get("/api/datasets/" + TEXTS)
                .expect(200)
                .path("tokenizer")
                .path("state")
                .asString(),
        state -> state.equals("ready"));
    rest.post("/api/datasets/" + TEXTS + "/snapshots", Map.of()).expect(201);
  }

  private void makeScenes() {
    rest.post(
            "/api/datasets",
            Map.of(
                "name",
                SCENES,
                "kind",
                "images",
                "classes",
                List.of(Scene.LABEL),
                "image_width",
                Scene.SIDE,
                "image_height",
                Scene.SIDE))
        .expect(201);
    rest.post(
            "/api/datasets/" + SCENES + "/documents",
            "application/x-ndjson",
            lines(IntStream.range(0, 24).mapToObj(i -> new Scene(i).document()).toList()))
        .expect(200);
    rest.post("/api/datasets/" + SCENES + "/snapshots", Map.of()).expect(201);
  }

  /** Rows of two columns, of which the first says the class. */
  private void makeTable() {
    rest.post(
            "/api/datasets",
            Map.of(
                "name",
                TABLE,
                "kind",
                "rows",
                "columns",
                List.of("petal_length", "petal_width"),
                "classes",
                List.of("setosa", "virginica"),
                "heldout_percent",
                20))
        .expect(201);
    String rows =
        IntStream.range(0, 60)
            .mapToObj(i ->
                "%d,%d,%s\n".formatted(i % 2 == 0 ? 1 : 6, i, i % 2 == 0 ? "setosa" : "virginica"))
            .collect(Collectors.joining("", "petal_length,petal_width,label\n", ""));
    rest.post("/api/datasets/" + TABLE + "/documents", "text/csv", rows).expect(200);
    rest.post("/api/datasets/" + TABLE + "/snapshots", Map.of()).expect(201);
  }

  private void makeSortedScenes() {
    rest.post(
            "/api/datasets",
            Map.of(
                "name",
                SORTED_SCENES,
                "kind",
                "images",
                "classes",
                KINDS,
                "image_width",
                Scene.SIDE,
                "image_height",
                Scene.SIDE))
        .expect(201);
    rest.post(
            "/api/datasets/" + SORTED_SCENES + "/documents",
            "application/x-ndjson",
            lines(
                IntStream.range(0, 16)
                    .mapToObj(i ->
                        Map.<String, Object>of(
                            "image",
                            Base64.getEncoder().encodeToString(new Scene(i).png()),
                            "label",
                            KINDS.get(i % 2)))
                    .toList()))
        .expect(200);
    rest.post("/api/datasets/" + SORTED_SCENES + "/snapshots", Map.of()).expect(201);
  }

  private void learn(String model, String task, String dataset, String preset) {
    String id =
        rest.post(
                "/api/runs",
                Map.of(
                    "model",
                    model,
                    "task",
                    task,
                    "dataset",
                    dataset,
                    "preset",
                    preset,
                    "steps",
                    STEPS,
                    "batch_size",
                    2))
            .expect(201)
            .path("id")
            .asString();
    JsonNode run =
        Await.until(
            () -> rest.get("/api/runs/" + id).expect(200),
            seen -> !seen.path("state").asString().matches("queued|running"));
    if (!run.path("state").asString().equals("succeeded")) {
      throw new AssertionError(run.toPrettyString());
    }
    Await.until(
        () -> rest.get("/api/models").expect(200).path("models"),
        models ->
            models
                .valueStream()
                .anyMatch(seen ->
                    seen.path("name").asString().equals(model)
                        && seen.path("version").asInt() > 0));
  }

  static String lines(List<Map<String, Object>> documents) {
    return documents.stream()
        .map(document -> JsonMapper.shared().writeValueAsString(document) + "\n")
        .collect(Collectors.joining());
  }

  private String once(String name, Runnable make) {
    if (!made.contains(name)) {
      make.run();
      made.add(name);
    }
    return name;
  }
}
