package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.standalone.contract.Runs.Seen;
import io.millrace.standalone.contract.Runs.Wanted;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From a snapshot to versions of a model. */
abstract class RunContract {
  private final Runs runs;
  private final String prefix;
  private final LearnedModels models;
  private final String texts;

  /**
   * The contract.
   *
   * @param prefix of the names of models
   * @param models that have learned
   */
  RunContract(Runs runs, String prefix, LearnedModels models) {
    this.runs = runs;
    this.prefix = prefix;
    this.models = models;
    this.texts = models.texts();
  }

  @Test
  void tellsEveryChangeUntilItHasLearned() {
    Seen created = runs.create(Wanted.language(prefix + "learner", texts, 3));
    assertThat(created.state()).isEqualTo("queued");
    assertThat(created.model()).isEqualTo(prefix + "learner");

    List<Seen> changes = runs.watch(created.id());

    assertThat(changes).allMatch(change -> change.id().equals(created.id()));
    assertThat(changes.subList(0, changes.size() - 1)).noneMatch(Seen::isFinished);
    Seen last = changes.getLast();
    assertThat(last.state()).isEqualTo("succeeded");
    assertThat(last.step()).isEqualTo(3);
    assertThat(last.checkpoints()).isEqualTo(2);
    assertThat(last.version()).isEqualTo(2);
    assertThat(runs.get(created.id())).isEqualTo(last);
    assertThat(runs.list(prefix + "learner")).containsExactly(last);
    assertThat(runs.lineage(created.id())).hasSize(64);
  }

  @Test
  void judgesADetectorWithEachCheckpoint() {
    Runs.Judged judged = runs.evaluation(models.detectionRun());
    assertThat(judged.coco().propertyNames()).hasSize(12).contains("map50", "recall100");
    assertThat(judged.pictures())
        .containsOnlyKeys("confidence.svg", "confusion.svg", "errors.svg", "precision-recall.svg");
    assertThat(judged.pictures().values()).allMatch(svg -> svg.startsWith("<svg "));
  }

  @Test
  void stopsWhenItIsCancelled() {
    Seen created = runs.create(Wanted.language(prefix + "endless", texts, 1_000_000));
    Await.until(() -> runs.get(created.id()), seen -> seen.step() > 0);
    assertThat(runs.cancel(created.id()).id()).isEqualTo(created.id());
    assertThat(runs.watch(created.id()).getLast().state()).isEqualTo("cancelled");
  }

  @Test
  void waitsWhileItIsPausedAndIsForgottenWhenItIsDeleted() {
    Seen created = runs.create(Wanted.language(prefix + "paused", texts, 1_000_000));
    Await.until(() -> runs.get(created.id()), seen -> seen.step() > 0);
    assertThat(runs.pause(created.id()).id()).isEqualTo(created.id());
    Await.until(() -> runs.get(created.id()), seen -> seen.state().equals("paused"));
    Refusal.require("failed_precondition", () -> runs.delete(created.id()));
    assertThat(runs.resume(created.id()).state()).isEqualTo("queued");
    assertThat(runs.cancel(created.id()).id()).isEqualTo(created.id());
    assertThat(runs.watch(created.id()).getLast().state()).isEqualTo("cancelled");
    assertThat(runs.curve(created.id(), 10)).startsWith(1L).isSorted();
    assertThat(runs.log(created.id()))
        .contains("somebody pauses it; it is running", "somebody resumes it; it is queued");
    runs.delete(created.id());
    Refusal.require("not_found", () -> runs.get(created.id()));
    assertThat(runs.list(prefix + "paused")).isEmpty();
  }

  @Test
  void refusesWhatCannotBe() {
    String model = prefix + "refused";
    Refusal.require("not_found", () -> runs.create(Wanted.language(model, "nowhere", 1)));
    Refusal.require(
        "invalid_argument",
        () -> runs.create(new Wanted(model, "language", texts, "no-preset", 1)));
    Refusal.require(
        "invalid_argument", () -> runs.create(new Wanted(model, "juggling", texts, "nano", 1)));
    Refusal.require("invalid_argument", () -> runs.create(Wanted.language(model, texts, 0)));
    Refusal.require("not_found", () -> runs.get("00000000-0000-0000-0000-000000000000"));
    Refusal.require("not_found", () -> runs.cancel("00000000-0000-0000-0000-000000000000"));
    Refusal.require("not_found", () -> runs.evaluation("00000000-0000-0000-0000-000000000000"));
    Refusal.require("not_found", () -> runs.watch("00000000-0000-0000-0000-000000000000"));
    assertThat(runs.list(model)).isEmpty();
  }
}
