package io.millrace.inference.swap;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.ModelRejected;
import io.millrace.contracts.events.v1.ModelServing;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.registry.ModelVersion;
import java.sql.Timestamp;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Records what became of a version and tells it as an event, in one transaction. */
@Component
class SwapLog {

  private final JdbcClient jdbc;
  private final TransactionTemplate transactions;
  private final Outbox outbox;
  private final Topics topics;
  private final Clock clock;

  SwapLog(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      Outbox outbox,
      Topics topics,
      Clock clock) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.outbox = outbox;
    this.topics = topics;
    this.clock = clock;
  }

  void serving(ModelVersion version, double loadMs, double pauseMs) {
    transactions.executeWithoutResult(unused -> {
      insert(version, "serving", null, loadMs);
      outbox.append(
          topics.models(),
          version.model(),
          EventTypes.MODEL_SERVING,
          ModelServing.newBuilder()
              .setModel(version.model())
              .setVersion(version.version())
              .setDigest(version.manifestSha256())
              .setLoadMs(loadMs)
              .setPauseMs(pauseMs)
              .build());
    });
  }

  void rejected(ModelVersion version, String reason, double loadMs) {
    transactions.executeWithoutResult(unused -> {
      insert(version, "rejected", reason, loadMs);
      outbox.append(
          topics.models(),
          version.model(),
          EventTypes.MODEL_REJECTED,
          ModelRejected.newBuilder()
              .setModel(version.model())
              .setVersion(version.version())
              .setReason(reason)
              .build());
    });
  }

  private void insert(
      ModelVersion version, String outcome, @Nullable String reason, double loadMs) {
    jdbc.sql(
            """
            insert into swap (model, version, outcome, digest, reason, load_ms, at)
            values (:model, :version, :outcome, :digest, :reason, :loadMs, :at)
            """)
        .param("model", version.model())
        .param("version", version.version())
        .param("outcome", outcome)
        .param("digest", version.manifestSha256())
        .param("reason", reason)
        .param("loadMs", loadMs)
        .param("at", Timestamp.from(clock.instant()))
        .update();
  }
}
