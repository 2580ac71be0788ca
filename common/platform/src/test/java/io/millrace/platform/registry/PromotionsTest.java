package io.millrace.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.registry.PromotionPolicy.Direction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** Which of a model's versions are to serve. */
class PromotionsTest {
  private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");
  private static ModelRegistry models;
  private static TransactionTemplate transactions;

  @BeforeAll
  static void migrate() {
    RegistryDatabase database = RegistryDatabase.fresh();
    models = new ModelRegistry(database.jdbc());
    transactions = database.transactions();
  }

  @Test
  void arePublishedVersionsUnlessToldOtherwise() {
    publish("automatic", 1, 3.0);
    publish("automatic", 2, 4.0);

    assertThat(versions("automatic")).containsExactly(2, 1);
    assertThat(models.promotions().rule("automatic"))
        .isEqualTo(new Promotions.Rule(new PromotionPolicy.Automatic(), false));
  }

  @Test
  void areAPersonsAloneIfSheSaysSo() {
    publish("manual", 1, 3.0);
    change(promotions -> promotions.setPolicy("manual", new PromotionPolicy.Manual()));
    publish("manual", 2, 2.0);
    publish("manual", 3, 1.0);

    assertThat(versions("manual")).containsExactly(1);
    change(promotions -> promotions.promote("manual", 2, "manual", false, NOW));
    assertThat(versions("manual")).containsExactly(2, 1);
  }

  @Test
  void areThoseThatAreBetterIfAFigureDecides() {
    publish("better", 1, 3.0);
    change(promotions ->
        promotions.setPolicy(
            "better", new PromotionPolicy.IfBetter("heldout_loss", Direction.LOWER)));
    publish("better", 2, 3.5);
    publish("better", 3, 3.0);
    publish("better", 4, 2.5);
    publish("better", 5, Double.NaN);

    assertThat(versions("better")).containsExactly(4, 1);
    assertThat(models.promotions().current("better").orElseThrow().reason()).isEqualTo("if_better");
  }

  @Test
  void areThoseOfARunsOwnPolicyWhateverTheModelSays() {
    transactions.executeWithoutResult(unused -> {
      models.runRules().add("careful", "shared", new PromotionPolicy.Manual(), null);
      models
          .runRules()
          .add("choosy", "shared", new PromotionPolicy.IfBetter("loss", Direction.LOWER), null);
      models.runRules().add("tidy", "shared", null, new RetentionPolicy(1, 0, null, null, 0));
    });
    publish("shared", 1, "careful", Map.of("loss", 1.0));
    assertThat(versions("shared")).as("the first of a new model too").isEmpty();
    publish("shared", 2, "other", Map.of("loss", 3.0));
    publish("shared", 3, "choosy", Map.of("loss", 4.0));
    publish("shared", 4, "choosy", Map.of("loss", 2.0));
    publish("shared", 5, "choosy", Map.of());
    publish("shared", 6, "tidy", Map.of("loss", 9.0));
    change(promotions -> promotions.setPolicy("shared", new PromotionPolicy.Manual()));
    publish("shared", 7, "choosy", Map.of("loss", 1.0));
    publish("shared", 8, "tidy", Map.of("loss", 0.5));

    assertThat(versions("shared")).containsExactly(7, 6, 4, 2);
    change(promotions -> promotions.promote("shared", 2, "pin", true, NOW));
    publish("shared", 9, "choosy", Map.of("loss", 0.1));
    assertThat(versions("shared")).as("a pin is above all").startsWith(2);
    assertThat(models.runRules().of("shared"))
        .extracting(RunRules.Own::run)
        .containsExactly("careful", "choosy", "tidy");
  }

  @Test
  void goBackToWhatServedBeforeAndStayThere() {
    publish("back", 1, 3.0);
    publish("back", 2, 3.0);
    publish("back", 3, 3.0);

    change(promotions -> promotions.rollback("back", NOW));
    publish("back", 4, 3.0);

    assertThat(versions("back")).as("2, though there is a newer one").startsWith(2);
    assertThat(models.promotions().rule("back").pinned()).isTrue();
    change(promotions -> promotions.unpin("back"));
    publish("back", 5, 3.0);
    assertThat(versions("back")).startsWith(5);
  }

  @Test
  void sayWhatIsNotThere() {
    publish("one", 1, 3.0);

    assertThatThrownBy(() -> change(promotions -> promotions.rollback("one", NOW)))
        .hasMessage("model 'one' has no version that served before");
    assertThatThrownBy(
            () -> change(promotions -> promotions.promote("one", 7, "manual", false, NOW)))
        .hasMessage("model version 'one/7' does not exist");
    assertThatThrownBy(() -> models.promotions().rule("none"))
        .hasMessage("model 'none' does not exist");
    assertThatThrownBy(() -> models.promotions().unpin("one"))
        .isInstanceOf(IllegalStateException.class);
  }

  private static List<Integer> versions(String model) {
    return models.promotions().promotions(model).stream()
        .map(promotion -> promotion.version().version())
        .toList();
  }

  private static void change(java.util.function.Consumer<Promotions> change) {
    transactions.executeWithoutResult(unused -> change.accept(models.promotions()));
  }

  private static void publish(String model, int version, double loss) {
    publish(
        model,
        version,
        model + "-run",
        Double.isNaN(loss) ? Map.of() : Map.of("heldout_loss", loss));
  }

  private static void publish(String model, int version, String run, Map<String, Double> metrics) {
    transactions.executeWithoutResult(unused ->
        models.publish(
            new ModelVersion(
                model,
                version,
                "language",
                run,
                1,
                version,
                "models/%s/run/%d-1".formatted(model, version),
                "00",
                metrics,
                NOW)));
  }
}
