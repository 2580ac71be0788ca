package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Runs over REST; watched by server-sent events. */
final class RestRuns implements Runs {
  private static final String PATH = "/api/runs";

  private final Rest rest;

  RestRuns(Rest rest) {
    this.rest = rest;
  }

  @Override
  public Seen create(Wanted wanted) {
    return seen(
        rest.post(
                PATH,
                Map.of(
                    "model",
                    wanted.model(),
                    "task",
                    wanted.task(),
                    "dataset",
                    wanted.dataset(),
                    "preset",
                    wanted.preset(),
                    "steps",
                    wanted.steps(),
                    "batch_size",
                    2,
                    "checkpoint_at_start",
                    true))
            .expect(201));
  }

  @Override
  public Seen get(String id) {
    return seen(rest.get(PATH + "/" + id).expect(200));
  }

  @Override
  public List<Seen> list(String model) {
    return rest.get(PATH + "?model=" + model)
        .expect(200)
        .path("runs")
        .valueStream()
        .map(RestRuns::seen)
        .toList();
  }

  @Override
  public Seen cancel(String id) {
    return seen(rest.send("POST", PATH + "/" + id + "/cancel", "", new byte[0]).expect(200));
  }

  @Override
  public Seen pause(String id) {
    return seen(rest.send("POST", PATH + "/" + id + "/pause", "", new byte[0]).expect(200));
  }

  @Override
  public Seen resume(String id) {
    return seen(rest.send("POST", PATH + "/" + id + "/resume", "", new byte[0]).expect(200));
  }

  @Override
  public void delete(String id) {
    rest.delete(PATH + "/" + id).expect(204);
  }

  @Override
  public List<Long> curve(String id, int most) {
    return rest.get(PATH + "/" + id + "/curve?max_points=" + most)
        .expect(200)
        .path("points")
        .valueStream()
        .map(point -> point.path("step").asLong())
        .toList();
  }

  @Override
  public List<String> log(String id) {
    return rest.get(PATH + "/" + id + "/log")
        .expect(200)
        .path("lines")
        .valueStream()
        .map(line -> line.path("text").asString())
        .toList();
  }

  @Override
  public String lineage(String id) {
    return rest.get(PATH + "/" + id + "/lineage").expect(200).path("snapshot_sha256").asString();
  }

  @Override
  public Judged evaluation(String id) {
    String path = PATH + "/" + id + "/evaluation";
    JsonNode answer = rest.get(path).expect(200);
    Map<String, String> pictures = new HashMap<>();
    for (JsonNode name : answer.path("pictures")) {
      Rest.Answer picture = rest.get(path + "/" + name.asString());
      assertThat(picture.status()).isEqualTo(200);
      assertThat(picture.contentType()).isEqualTo("image/svg+xml");
      pictures.put(name.asString(), picture.text());
    }
    return new Judged(answer.path("evaluation").path("coco"), pictures);
  }

  @Override
  public List<Seen> watch(String id) {
    Rest.Answer answer = rest.get(PATH + "/" + id + "/events");
    if (answer.status() != 200) {
      throw Refusal.of(answer);
    }
    assertThat(answer.contentType()).startsWith("text/event-stream");
    List<ServerSentEvents.Event> events = ServerSentEvents.of(answer.text());
    assertThat(events).allMatch(event -> event.name().equals("run") && !event.id().isEmpty());
    return events.stream().map(event -> seen(event.json())).toList();
  }

  private static Seen seen(JsonNode run) {
    JsonNode progress = run.path("progress");
    return new Seen(
        run.path("id").asString(),
        run.path("request").path("model").asString(),
        run.path("state").asString(),
        progress.path("step").asLong(),
        progress.path("checkpoints").asInt(),
        progress.path("latest_version").asInt());
  }
}
