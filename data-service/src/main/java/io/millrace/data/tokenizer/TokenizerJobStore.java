package io.millrace.data.tokenizer;

import io.millrace.data.tokenizer.TokenizerJob.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Tokenizer jobs in PostgreSQL, each with the process that works on it and its heartbeat. */
@Repository
class TokenizerJobStore {
  private final JdbcClient jdbc;
  private final Clock clock;

  TokenizerJobStore(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
  }

  /** Adds a job, in the place of one that has ended; false if one is running. */
  boolean add(TokenizerJob job) {
    return jdbc.sql(
                """
                insert into tokenizer_job (dataset, vocab_size, until, state, created_at)
                values (:dataset, :vocabSize, :until, 'RUNNING', :createdAt)
                on conflict (dataset) do update set vocab_size = excluded.vocab_size,
                  until = excluded.until, state = 'RUNNING', documents = 0, merges = 0, error = null,
                  owner = null, heartbeat_at = null, created_at = excluded.created_at
                where tokenizer_job.state <> 'RUNNING'
                """)
            .param("dataset", job.dataset())
            .param("vocabSize", job.vocabSize())
            .param("until", job.until().toArray(Long[]::new))
            .param("createdAt", Timestamp.from(job.createdAt()))
            .update()
        == 1;
  }

  Optional<TokenizerJob> find(String dataset) {
    return jdbc.sql("select * from tokenizer_job where dataset = :dataset")
        .param("dataset", dataset)
        .query(TokenizerJobStore::read)
        .optional();
  }

  /**
   * Takes a running job that nobody works on.
   *
   * @param retry how long one that was put back rests
   */
  Optional<TokenizerJob> claim(UUID owner, Duration takeover, Duration retry) {
    return jdbc.sql(
            """
            update tokenizer_job set owner = :owner, heartbeat_at = :now, documents = 0, merges = 0
            where dataset = (
              select dataset from tokenizer_job
              where state = 'RUNNING' and (heartbeat_at is null or heartbeat_at < :stale
                or owner is null and heartbeat_at < :rested)
              order by heartbeat_at nulls first, created_at limit 1 for update skip locked)
            returning *
            """)
        .param("owner", owner)
        .param("now", Timestamp.from(clock.instant()))
        .param("stale", Timestamp.from(clock.instant().minus(takeover)))
        .param("rested", Timestamp.from(clock.instant().minus(retry)))
        .query(TokenizerJobStore::read)
        .optional();
  }

  /** Notes progress and that its owner is alive; false if the job is not the owner's any more. */
  boolean heartbeat(String dataset, UUID owner, JobProgress progress) {
    return jdbc.sql(
                """
                update tokenizer_job
                set heartbeat_at = :now, documents = :documents, merges = :merges,
                  error = :waitsFor
                where dataset = :dataset and owner = :owner and state = 'RUNNING'
                """)
            .param("now", Timestamp.from(clock.instant()))
            .param("documents", progress.documents())
            .param("merges", progress.merges())
            .param("waitsFor", progress.waitsFor())
            .param("dataset", dataset)
            .param("owner", owner)
            .update()
        == 1;
  }

  /** Puts a job back to be begun anew after a rest, by any process; nothing if it is not ours. */
  void putBack(String dataset, UUID owner, String reason) {
    jdbc.sql(
            """
            update tokenizer_job set owner = null, heartbeat_at = :now, error = :reason
            where dataset = :dataset and owner = :owner and state = 'RUNNING'
            """)
        .param("now", Timestamp.from(clock.instant()))
        .param("reason", reason)
        .param("dataset", dataset)
        .param("owner", owner)
        .update();
  }

  /** Ends a job; false if it is not the owner's any more. */
  boolean end(String dataset, UUID owner, State state, @Nullable String error) {
    return jdbc.sql(
                """
                update tokenizer_job set state = :state, error = :error
                where dataset = :dataset and owner = :owner and state = 'RUNNING'
                """)
            .param("state", state.name())
            .param("error", error)
            .param("dataset", dataset)
            .param("owner", owner)
            .update()
        == 1;
  }

  /** Lets another process take the owner's job at once. */
  void giveUp(UUID owner) {
    jdbc.sql("update tokenizer_job set owner = null, heartbeat_at = null where owner = :owner")
        .param("owner", owner)
        .update();
  }

  void delete(String dataset) {
    jdbc.sql("delete from tokenizer_job where dataset = :dataset")
        .param("dataset", dataset)
        .update();
  }

  private static TokenizerJob read(ResultSet row, int number) throws SQLException {
    return new TokenizerJob(
        row.getString("dataset"),
        row.getInt("vocab_size"),
        List.of((Long[]) row.getArray("until").getArray()),
        State.valueOf(row.getString("state")),
        row.getLong("documents"),
        row.getInt("merges"),
        row.getString("error"),
        row.getTimestamp("created_at").toInstant());
  }
}
