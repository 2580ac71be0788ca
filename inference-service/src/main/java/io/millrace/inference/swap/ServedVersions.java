package io.millrace.inference.swap;

import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.VersionHolds;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Tells the registry what this replica serves, so that nobody deletes it. One thread at a time:
 * what was seen later is told later.
 */
@Component
final class ServedVersions {
  private final String replica = UUID.randomUUID().toString();
  private final Models models;
  private final VersionHolds holds;
  private final TransactionTemplate transactions;

  ServedVersions(Models models, ModelRegistry registry, TransactionTemplate transactions) {
    this.models = models;
    this.holds = registry.holds();
    this.transactions = transactions;
  }

  /** Says so now; to be said again before {@link VersionHolds#SERVED_FOR} has passed. */
  synchronized void tell() {
    List<VersionHolds.Numbered> serving = new ArrayList<>();
    for (ModelStatus status : models.list()) {
      ModelVersion version = status.serving();
      if (version != null) {
        serving.add(new VersionHolds.Numbered(version.model(), version.version()));
      }
    }
    tell(serving);
  }

  /** Nothing is served any more. */
  synchronized void end() {
    tell(List.of());
  }

  private void tell(List<VersionHolds.Numbered> serving) {
    transactions.executeWithoutResult(unused -> holds.serves(replica, serving));
  }
}
