package io.millrace.inference.catalog;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.ModelPromoted;
import io.millrace.inference.swap.ModelStatus;
import io.millrace.inference.swap.Models;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.registry.Lineage;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Promotion;
import io.millrace.platform.registry.PromotionPolicy;
import io.millrace.platform.registry.Promotions;
import io.millrace.platform.registry.RetentionPolicy;
import io.millrace.platform.registry.RunRules;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Which version of a model is to serve, as people decide it. What is decided is in the registry at
 * once; replicas learn of it by an event and swap as for a new checkpoint.
 */
@Component
public class Ownership {
  private final ModelRegistry registry;
  private final Lineage lineage;
  private final Models models;
  private final TransactionTemplate transactions;
  private final Outbox outbox;
  private final Topics topics;
  private final Clock clock;

  Ownership(
      ModelRegistry registry,
      Lineage lineage,
      Models models,
      TransactionTemplate transactions,
      Outbox outbox,
      Topics topics,
      Clock clock) {
    this.registry = registry;
    this.lineage = lineage;
    this.models = models;
    this.transactions = transactions;
    this.outbox = outbox;
    this.topics = topics;
    this.clock = clock;
  }

  /**
   * A version of a model.
   *
   * @param state {@code serving} here, {@code promoted} if it is to serve and does not yet here,
   *     {@code refused} if it could not be loaded, else {@code published}
   */
  public record Version(
      ModelVersion version, String state, List<String> aliases, Optional<Snapshot> snapshot) {}

  /** What a version was learned from. */
  public record Snapshot(String dataset, int version) {}

  /**
   * A model with its versions, newest first.
   *
   * @param runs with rules of their own
   * @param latest the version that is the newest
   * @param stable the version that is to serve; 0: none was promoted
   */
  public record Owned(
      String model,
      Promotions.Rule rule,
      RetentionPolicy retention,
      List<RunRules.Own> runs,
      int latest,
      int stable,
      List<Version> versions) {}

  /**
   * A model's versions.
   *
   * @throws MillraceException NOT_FOUND
   */
  public Owned versions(String model) {
    Promotions.Rule rule = registry.promotions().rule(model);
    Optional<Integer> promoted =
        registry.promotions().current(model).map(promotion -> promotion.version().version());
    Optional<ModelStatus> status = models.find(model);
    List<ModelVersion> newestFirst = registry.models(model).reversed();
    int latest = newestFirst.isEmpty() ? 0 : newestFirst.getFirst().version();
    int stable = promoted.orElse(0);
    List<Version> versions = new ArrayList<>();
    for (ModelVersion version : newestFirst) {
      versions.add(
          new Version(
              version,
              state(version, status, promoted),
              aliases(version.version(), latest, stable),
              snapshot(version.runId())));
    }
    RetentionPolicy retention =
        registry.deletions().retention(model).orElse(RetentionPolicy.STANDARD);
    return new Owned(
        model, rule, retention, registry.runRules().of(model), latest, stable, versions);
  }

  private static List<String> aliases(int version, int latest, int stable) {
    List<String> aliases = new ArrayList<>();
    if (version == latest) {
      aliases.add("latest");
    }
    if (version == stable) {
      aliases.add("stable");
    }
    return aliases;
  }

  /**
   * Lets a version serve.
   *
   * @param pin whether new checkpoints are not to replace it
   * @throws MillraceException NOT_FOUND
   */
  public Promotion promote(String model, int version, boolean pin) {
    return announced(
        promotions -> promotions.promote(model, version, pin ? "pin" : "manual", pin, now()));
  }

  /**
   * Lets the version serve that served before, and pins it.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if none served before
   */
  public Promotion rollback(String model) {
    return announced(promotions -> promotions.rollback(model, now()));
  }

  /**
   * Lets new checkpoints serve again, as the policy says.
   *
   * @throws MillraceException NOT_FOUND
   */
  public void unpin(String model) {
    transactions.executeWithoutResult(unused -> registry.promotions().unpin(model));
  }

  /**
   * Says which new checkpoints are to serve.
   *
   * @throws MillraceException NOT_FOUND
   */
  public void setPolicy(String model, PromotionPolicy policy) {
    transactions.executeWithoutResult(unused -> registry.promotions().setPolicy(model, policy));
  }

  private Promotion announced(Function<Promotions, Promotion> change) {
    return transactions.execute(unused -> {
      Promotion promotion = change.apply(registry.promotions());
      String model = promotion.version().model();
      outbox.append(
          topics.promotions(),
          model,
          EventTypes.MODEL_PROMOTED,
          ModelPromoted.newBuilder()
              .setModel(model)
              .setVersion(promotion.version().version())
              .setNumber(promotion.number())
              .setReason(promotion.reason())
              .build());
      return promotion;
    });
  }

  private Instant now() {
    return clock.instant();
  }

  private Optional<Snapshot> snapshot(String runId) {
    return lineage.find(runId).map(entry -> new Snapshot(entry.dataset(), entry.snapshot()));
  }

  private static String state(
      ModelVersion version, Optional<ModelStatus> status, Optional<Integer> promoted) {
    if (status
        .map(ModelStatus::serving)
        .filter(serving -> serving.version() == version.version())
        .isPresent()) {
      return "serving";
    }
    if (status
        .map(ModelStatus::rejected)
        .filter(rejection -> rejection.version() == version.version())
        .isPresent()) {
      return "refused";
    }
    return promoted.filter(number -> number == version.version()).isPresent()
        ? "promoted"
        : "published";
  }
}
