package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.catalog.Ownership;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.PromotionPolicy;
import io.millrace.platform.registry.RetentionPolicy;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** Somebody who decides now and then what is to serve. */
final class Owner {
  private static final int DECISIONS_AT_MOST = 6;

  private final Ownership ownership;
  private final ModelRegistry registry;
  private final TransactionTemplate transactions;
  private final Chance chance;
  private final String model;
  private final Invariants invariants;
  private int decisions;

  Owner(GenericApplicationContext beans, Chance chance, String model, Invariants invariants) {
    this.ownership = beans.getBean(Ownership.class);
    this.registry = beans.getBean(ModelRegistry.class);
    this.transactions = beans.getBean(TransactionTemplate.class);
    this.chance = chance;
    this.model = model;
    this.invariants = invariants;
  }

  /** Decides something, or dies before that is committed. */
  void decide() {
    if (decisions == DECISIONS_AT_MOST) {
      return;
    }
    decisions++;
    invariants.check();
    Runnable effect;
    try {
      effect =
          transactions.execute(_ -> {
            Runnable decided = decision();
            chance.reach("DECIDED");
            return decided;
          });
    } catch (Crash e) {
      invariants.died(e);
      return;
    } catch (MillraceException e) {
      assertThat(e.code()).isIn(ErrorCode.NOT_FOUND, ErrorCode.FAILED_PRECONDITION);
      return;
    }
    effect.run();
    invariants.check();
  }

  /** Makes a change; what is to hold once it is committed. */
  private Runnable decision() {
    return switch (chance.between(0, 7)) {
      case 0 -> {
        int versions = registry.nextVersion(model);
        boolean pin = chance.happens(0.3);
        int version = chance.between(1, versions);
        ownership.promote(model, version, pin);
        yield () -> invariants.promoted(version, pin);
      }
      case 1 -> {
        int version = ownership.rollback(model).version().version();
        yield () -> invariants.promoted(version, /* pin= */ true);
      }
      case 2 -> {
        ownership.unpin(model);
        yield invariants::unpinned;
      }
      case 3 -> {
        ownership.setPolicy(model, new PromotionPolicy.Manual());
        yield () -> invariants.policy(/* automatic= */ false);
      }
      case 4, 5, 6 -> {
        RetentionPolicy few = new RetentionPolicy(chance.between(1, 2), 0, null, null, 0);
        registry.deletions().setRetention(model, few);
        yield () -> {};
      }
      default -> {
        ownership.setPolicy(model, new PromotionPolicy.Automatic());
        yield () -> invariants.policy(/* automatic= */ true);
      }
    };
  }
}
