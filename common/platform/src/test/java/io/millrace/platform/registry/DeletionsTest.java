package io.millrace.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.registry.PromotionPolicy.Direction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** How versions end, and which do not. */
class DeletionsTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
  private static RegistryDatabase database;
  private static ModelRegistry models;
  private static TransactionTemplate transactions;

  @BeforeAll
  static void migrate() {
    database = RegistryDatabase.fresh();
    models = new ModelRegistry(database.jdbc());
    transactions = database.transactions();
  }

  @Test
  void keepsTheLastFiveOfAModelThatNobodyDecidedAbout() {
    publish("standard", "run-a", 8);

    assertThat(expire("standard")).containsExactly(1, 2, 3);
    assertThat(numbers("standard")).containsExactly(4, 5, 6, 7, 8);
    assertThat(expire("standard")).as("once").isEmpty();
    assertThat(models.deletions().expirable()).as("looked at no more").doesNotContain("standard");
  }

  @Test
  void neverDeletesWhatServesIsPinnedOrIsGoneBackTo() {
    publish("held", "run-b", 3);
    change(registry -> registry.promotions().promote("held", 1, "pin", true, NOW));
    publish("held", "run-b", 7);
    change(registry ->
        registry.holds().serves("replica-1", List.of(new VersionHolds.Numbered("held", 2))));

    expire("held");

    assertThat(numbers("held"))
        .as("1 is pinned, a replica serves 2, a rollback goes back to 3, and the last five")
        .containsExactly(1, 2, 3, 6, 7, 8, 9, 10);
    assertThatThrownBy(() -> delete("held", 1))
        .hasMessage("version 1 of model 'held' cannot be deleted: it is pinned");
    assertThatThrownBy(() -> delete("held", 2))
        .hasMessage("version 2 of model 'held' cannot be deleted: a replica serves it");
    change(registry -> registry.holds().serves("replica-1", List.of()));
    delete("held", 2);
    delete("held", 3);
    assertThat(numbers("held")).startsWith(1, 6);
  }

  @Test
  void neverDeletesWhatAnUnfinishedRunResumesOrBeginsFrom() {
    publish("learned", "run-c", 2);
    publish("learned", "run-d", 6);
    lineage("run-c", "learned");
    change(registry -> {
      registry.promotions().promote("learned", 8, "pin", true, NOW);
      registry.holds().use("run-e", List.of(new VersionHolds.Numbered("learned", 1)));
    });

    expire("learned");

    assertThat(numbers("learned"))
        .as("2 is the newest of run-c, run-e begins from 1, a rollback goes back to 7")
        .containsExactly(1, 2, 4, 5, 6, 7, 8);
    assertThatThrownBy(() -> delete("learned", 2))
        .hasMessageContaining("run run-c resumes from it");
    assertThatThrownBy(() -> delete("learned", 1)).hasMessageContaining("run run-e begins from it");
    assertThatThrownBy(() -> change(registry -> registry.deletions().deleteModel("learned", NOW)))
        .hasMessage(
            "model 'learned' is needed by 2 runs that are not finished: run-c, run-e; cancel them first");
    change(registry -> {
      new Lineage(database.jdbc()).release("run-c");
      new Lineage(database.jdbc()).release("run-e");
    });
    delete("learned", 1);
    expire("learned");
    assertThat(numbers("learned")).containsExactly(4, 5, 6, 7, 8);
  }

  @Test
  void keepsWhatItsPolicySays() {
    publish("best", "run-f", 9);
    change(registry ->
        registry
            .deletions()
            .setRetention("best", new RetentionPolicy(1, 1, "heldout_loss", Direction.HIGHER, 40)));

    expire("best");

    assertThat(numbers("best"))
        .as("the best, every 40 steps, what a rollback goes back to, and the last")
        .containsExactly(1, 4, 8, 9);
    assertThatThrownBy(() ->
            change(registry ->
                registry
                    .deletions()
                    .setRetention("best", new RetentionPolicy(1, 1, "map", Direction.HIGHER, 0))))
        .hasMessage("no version of model 'best' has the figure 'map'; they have heldout_loss");
    assertThatThrownBy(() ->
            change(registry ->
                registry
                    .promotions()
                    .setPolicy("best", new PromotionPolicy.IfBetter("map", Direction.LOWER))))
        .hasMessageContaining("has the figure 'map'");
  }

  @Test
  void keepsOfARunWhatItsOwnRetentionSays() {
    change(registry -> {
      registry.runRules().add("few", "mixed", null, new RetentionPolicy(1, 0, null, null, 0));
      registry
          .runRules()
          .add(
              "tops",
              "mixed",
              new PromotionPolicy.Automatic(),
              new RetentionPolicy(1, 1, "heldout_loss", Direction.HIGHER, 0));
    });
    publish("mixed", "few", 3);
    publish("mixed", "tops", 3);
    publish("mixed", "plain", 7);

    expire("mixed");

    assertThat(numbers("mixed"))
        .as("the last of few, the best and the last of tops, the last five of others")
        .containsExactly(3, 4, 6, 9, 10, 11, 12, 13);
    change(registry -> registry.runRules().forget("tops"));
    expire("mixed");
    assertThat(numbers("mixed")).containsExactly(3, 9, 10, 11, 12, 13);
    change(registry -> registry.deletions().deleteModel("mixed", NOW));
    assertThat(models.runRules().of("mixed")).isEmpty();
  }

  @Test
  void tellsWhatBecameOfAVersionAndNeverGivesItsNumberAgain() {
    publish("told", "run-g", 2);
    delete("told", 1);

    assertThat(models.deletions().fate("told", 1))
        .contains("version 1 of model 'told' was deleted by a request at 2026-11-27T12:00:00Z");
    assertThat(models.deletions().fate("told", 2)).isEmpty();
    assertThatThrownBy(() -> models.require("told", 1)).hasMessageContaining("was deleted");
    assertThatThrownBy(
            () -> change(registry -> registry.promotions().promote("told", 1, "pin", true, NOW)))
        .hasMessageContaining("was deleted by a request");
    assertThatThrownBy(() -> delete("told", 9)).hasMessage("model version 'told/9' does not exist");
    change(registry -> registry.deletions().deleteModel("told", NOW));
    assertThat(models.latestModel("told")).isEmpty();
    assertThat(models.latestModels()).noneMatch(version -> version.model().equals("told"));
    assertThat(models.promotions().promotions("told")).isEmpty();
    assertThatThrownBy(() -> models.promotions().rule("told"))
        .hasMessage("model 'told' does not exist");
    assertThat(models.nextVersion("told")).isEqualTo(3);
    publish("told", "run-h", 1);
    assertThat(models.promotions().current("told").orElseThrow().number())
        .as("a replica that missed the deletion still takes it")
        .isEqualTo(3);
  }

  @Test
  void namesFilesThatAreToGoUntilTheyAreGone() {
    publish("files", "run-i", 2);
    delete("files", 1);

    ModelVersion deleted =
        models.deletions().uncollected().stream()
            .filter(version -> version.model().equals("files"))
            .findFirst()
            .orElseThrow();
    assertThat(models.deletions().locations()).contains(deleted.location());
    assertThat(collected(deleted)).contains("by a request");
    assertThat(collected(deleted)).as("told once").isEmpty();
    assertThat(models.deletions().locations()).doesNotContain(deleted.location());
    assertThat(models.publishedBy("run-i")).isEqualTo(2);
  }

  @Test
  void resolvesReferences() {
    publish("named", "run-j", 3);
    change(registry -> registry.promotions().promote("named", 2, "pin", true, NOW));

    assertThat(resolved("named@latest")).isEqualTo(3);
    assertThat(resolved("named@stable")).isEqualTo(2);
    assertThat(resolved("named@1")).isEqualTo(1);
    assertThat(resolved("named")).isEqualTo(3);
    assertThatThrownBy(() -> resolved("named@9"))
        .hasMessage("model version 'named@9' does not exist");
    assertThatThrownBy(() -> resolved("nobody@stable")).hasMessage("model 'nobody' does not exist");
  }

  @Test
  void measuresWhatWasPublishedBeforeSizesWereKept() {
    publish("old", "run-k", 1);
    ModelVersion old = models.require("old", 1);
    assertThat(models.deletions().unmeasured()).contains(old);

    models.deletions().measured(old, 77);

    assertThat(models.require("old", 1).bytes()).isEqualTo(77);
    assertThat(models.deletions().unmeasured()).noneMatch(one -> one.model().equals("old"));
  }

  private static int resolved(String reference) {
    return models.require(VersionRef.parse("model", reference), VersionRef.Alias.LATEST).version();
  }

  private static Optional<String> collected(ModelVersion version) {
    return Objects.requireNonNull(
        transactions.execute(unused -> models.deletions().collected(version, NOW)));
  }

  private static List<Integer> numbers(String model) {
    return models.models(model).stream().map(ModelVersion::version).toList();
  }

  private static List<Integer> expire(String model) {
    List<String> expirable = models.deletions().expirable();
    List<Integer> expired =
        Objects.requireNonNull(
                transactions.execute(unused -> models.deletions().expire(model, NOW)))
            .stream()
            .map(ModelVersion::version)
            .toList();
    if (!expired.isEmpty()) {
      assertThat(expirable).as("models that are looked at").contains(model);
    }
    return expired;
  }

  private static void delete(String model, int version) {
    change(registry -> registry.deletions().delete(model, version, NOW));
  }

  private static void change(java.util.function.Consumer<ModelRegistry> change) {
    transactions.executeWithoutResult(unused -> change.accept(models));
  }

  private static void lineage(String run, String model) {
    database
        .jdbc()
        .sql(
            """
            insert into registry.lineage (run_id, model, dataset, snapshot, snapshot_sha256, counts,
              sealed_at, in_use)
            values (:run, :model, 'books', 1, '0', '{}', now(), true)
            """)
        .param("run", run)
        .param("model", model)
        .update();
  }

  /** More versions, with losses that fall and ten steps more each. */
  private static void publish(String model, String run, int more) {
    int from = models.nextVersion(model);
    IntStream.range(from, from + more)
        .forEach(number ->
            change(registry ->
                registry.publish(
                    new ModelVersion(
                        model,
                        number,
                        "language",
                        run,
                        1,
                        10L * number,
                        "models/%s/%s/%d-1".formatted(model, run, 10 * number),
                        "00",
                        Map.of("heldout_loss", 100.0 - number),
                        NOW))));
  }
}
