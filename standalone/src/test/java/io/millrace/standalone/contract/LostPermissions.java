package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.standalone.contract.PermissionRecorder.Asked;
import io.millrace.testing.SecuredKafka;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import tools.jackson.databind.JsonNode;

/**
 * Permissions of Kafka that are taken away while services work: what needs them says so, and goes
 * on when they are given back.
 */
final class LostPermissions {
  private static final String DATASET = LearnedModels.TEXTS;
  private static final String[] REASON = {DATASET, "docs/operations/kafka.md"};

  private final Rest rest;
  private final SecuredKafka kafka;
  private final String prefix;
  private long accepted;

  LostPermissions(Rest rest, SecuredKafka kafka, String prefix) {
    this.rest = rest;
    this.kafka = kafka;
    this.prefix = prefix;
  }

  /** Whether something was denied because of what is taken away here. */
  boolean explains(Asked denied) {
    return denied.name().equals(topic("documents")) || denied.name().equals(topic("sequences"));
  }

  /** An upload is refused with the reason; no document that was accepted is lost. */
  void ofWriting() throws Exception {
    AclBinding lost = deny("data", "documents", AclOperation.WRITE);
    String refusal = Await.until(this::upload, answer -> answer.status() != 200).text();
    assertThat(refusal).contains(REASON).contains("user data");

    kafka.withdraw(List.of(lost));
    Await.until(this::upload, answer -> answer.status() == 200);
  }

  /** The dataset says why it is not prepared; then all of it is. */
  void ofPreparing() throws Exception {
    long before = Await.until(this::prepared, count -> count >= 0);
    accepted = 0;
    AclBinding lost = deny("data", "documents", AclOperation.READ);
    String failure =
        Await.until(
            () -> {
              upload();
              return dataset().path("failure").asString("");
            },
            told -> !told.isEmpty());
    assertThat(failure).contains(REASON).contains("user data");

    kafka.withdraw(List.of(lost));
    Await.until(this::prepared, count -> count == before + accepted);
    Await.until(() -> dataset().path("failure").asString(""), String::isEmpty);
  }

  /** A run waits rather than fails, and then learns to its end. */
  void ofLearning() throws Exception {
    String run = "/api/runs/" + startRun();
    Await.until(() -> rest.get(run).expect(200).at("/progress/step").asInt(0), step -> step > 2);
    AclBinding lost = deny("training", "sequences", AclOperation.READ);
    Await.until(
        PermissionRecorder::denied,
        denied -> denied.stream().anyMatch(asked -> asked.name().equals(topic("sequences"))));
    assertThat(rest.get(run).expect(200).path("state").asString()).isEqualTo("running");

    kafka.withdraw(List.of(lost));
    JsonNode ended =
        Await.until(
            () -> rest.get(run).expect(200),
            now -> !now.path("state").asString().equals("running"),
            now -> now.at("/progress/step").asLong());
    assertThat(ended.path("state").asString()).as(ended.toString()).isEqualTo("succeeded");
  }

  private String startRun() {
    return rest.post(
            "/api/runs",
            Map.of(
                "model",
                "learned-with-an-interruption",
                "task",
                "language",
                "dataset",
                DATASET,
                "preset",
                ContractPlatform.LANGUAGE_PRESET,
                "steps",
                800,
                "batch_size",
                2))
        .expect(201)
        .path("id")
        .asString();
  }

  private AclBinding deny(String user, String topic, AclOperation operation) throws Exception {
    AclBinding denial =
        new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, topic(topic), PatternType.LITERAL),
            new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.DENY));
    kafka.permit(List.of(denial));
    return denial;
  }

  private String topic(String kind) {
    return prefix + kind + "." + DATASET;
  }

  private Rest.Answer upload() {
    Rest.Answer answer =
        rest.post(
            "/api/datasets/" + DATASET + "/documents",
            "application/x-ndjson",
            "{\"text\":\"one more, and another one\"}");
    if (answer.status() == 200) {
      accepted++;
    }
    return answer;
  }

  private JsonNode dataset() {
    return rest.get("/api/datasets/" + DATASET).expect(200);
  }

  private long prepared() {
    JsonNode counts = dataset().path("counts");
    return counts.path("waiting").asLong() == 0 ? counts.path("prepared").asLong() : -1;
  }
}
