package io.millrace.inference.catalog;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.ModelDeleted;
import io.millrace.inference.search.Searches;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.RetentionPolicy;
import java.time.Clock;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * How versions of models end, as people decide it. What is deleted is gone from the registry at
 * once; its files go a little later.
 */
@Component
public class Endings {
  private final ModelRegistry registry;
  private final Searches searches;
  private final TransactionTemplate transactions;
  private final Outbox outbox;
  private final Topics topics;
  private final Clock clock;

  Endings(
      ModelRegistry registry,
      Searches searches,
      TransactionTemplate transactions,
      Outbox outbox,
      Topics topics,
      Clock clock) {
    this.registry = registry;
    this.searches = searches;
    this.transactions = transactions;
    this.outbox = outbox;
    this.topics = topics;
    this.clock = clock;
  }

  /**
   * Says which versions are kept.
   *
   * @throws MillraceException NOT_FOUND, or INVALID_ARGUMENT if no version has the figure
   */
  public void setRetention(String model, RetentionPolicy policy) {
    transactions.executeWithoutResult(unused -> registry.deletions().setRetention(model, policy));
  }

  /**
   * Deletes a version.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if something needs it
   */
  public void deleteVersion(String model, int version) {
    transactions.executeWithoutResult(
        unused -> registry.deletions().delete(model, version, clock.instant()));
  }

  /**
   * Deletes a model with all its versions; replicas unload it.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if unfinished runs or indexes need
   *     it
   */
  public void deleteModel(String model) {
    transactions.executeWithoutResult(unused -> {
      registry.deletions().deleteModel(model, clock.instant());
      List<String> indexes = searches.ofModel(model);
      if (!indexes.isEmpty()) {
        throw MillraceException.precondition(
            "model '%s' fills the indexes %s; delete them first"
                .formatted(model, String.join(", ", indexes)));
      }
      outbox.append(
          topics.promotions(),
          model,
          EventTypes.MODEL_DELETED,
          ModelDeleted.newBuilder().setModel(model).build());
    });
  }
}
