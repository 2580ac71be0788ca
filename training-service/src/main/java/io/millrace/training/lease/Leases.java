package io.millrace.training.lease;

import io.millrace.training.TrainingProperties;
import io.millrace.training.run.Run;
import io.millrace.training.run.RunEvent;
import io.millrace.training.run.RunEvents;
import io.millrace.training.run.RunLifecycle;
import io.millrace.training.run.RunLog;
import io.millrace.training.run.RunRows;
import io.millrace.training.run.RunState;
import io.millrace.training.run.RunStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Gives out runs to trainers, each to one at a time.
 *
 * <p>Time is the database's, so that the clocks of trainers do not matter. A lease that expired
 * does not stop its holder; it lets another claim the run with a higher fencing token, and {@link
 * #withLease} refuses everyone with a lower one.
 */
@Component
public class Leases {
  private final JdbcClient jdbc;
  private final TransactionTemplate transactions;
  private final RunStore store;
  private final RunEvents events;
  private final RunLog log;
  private final long milliseconds;

  Leases(
      JdbcClient jdbc,
      PlatformTransactionManager transactions,
      RunStore store,
      RunEvents events,
      RunLog log,
      TrainingProperties properties) {
    this.jdbc = jdbc;
    this.transactions = new TransactionTemplate(transactions);
    this.store = store;
    this.events = events;
    this.log = log;
    this.milliseconds = properties.lease().duration().toMillis();
  }

  /**
   * Claims the oldest run that waits, or whose lease has expired; none if there is none. Trainers
   * that claim at the same time get different runs.
   */
  public Optional<Lease> claim(String owner) {
    return Optional.ofNullable(
        transactions.execute(status -> {
          Run run = claimOldest(owner);
          if (run == null) {
            return null;
          }
          log.add(run.id(), "attempt %d begins at %s".formatted(run.attempts(), owner));
          events.changed(run);
          return new Lease(run, owner, run.fencingToken());
        }));
  }

  private @Nullable Run claimOldest(String owner) {
    return jdbc.sql(
            """
            update run set
              -- A run that waits was given back in an orderly way; any other attempt left no trace.
              stalled_attempts =
                case when state = any(:claimable) then 0 else stalled_attempts + 1 end,
              state = :next, owner = :owner, fencing_token = fencing_token + 1,
              lease_until = clock_timestamp() + :duration * interval '1 millisecond',
              attempts = attempts + 1, revision = revision + 1
            where id = (
              select id from run
              where state = any(:claimable)
                or (state = any(:taken) and lease_until < clock_timestamp())
              order by created_at limit 1 for update skip locked)
            returning *
            """)
        .param("owner", owner)
        .param("claimable", RunLifecycle.statesOf(RunEvent.CLAIM))
        .param("taken", RunLifecycle.statesOf(RunEvent.TAKE_OVER))
        .param("next", RunState.RUNNING.name())
        .param("duration", milliseconds)
        .query(RunRows::read)
        .optional()
        .orElse(null);
  }

  /** What clients want of a run that a trainer has. */
  public enum Wish {
    /** That it goes on. */
    NONE,
    /** That it waits until it is resumed. */
    PAUSE,
    /** That it ends. */
    CANCEL
  }

  /**
   * Prolongs a lease.
   *
   * @return what clients want of the run
   * @throws LeaseLostException if it is not the holder's any more
   */
  public Wish renew(Lease lease) throws LeaseLostException {
    return jdbc.sql(
            """
            update run
            set lease_until = clock_timestamp() + :duration * interval '1 millisecond'
            where id = :id and state = 'RUNNING' and fencing_token = :token
            returning cancel_requested, pause_requested
            """)
        .param("duration", milliseconds)
        .param("id", lease.runId())
        .param("token", lease.token())
        .query((row, number) -> wish(row))
        .optional()
        .orElseThrow(() -> new LeaseLostException(lease));
  }

  private static Wish wish(ResultSet row) throws SQLException {
    if (row.getBoolean("cancel_requested")) {
      return Wish.CANCEL;
    }
    return row.getBoolean("pause_requested") ? Wish.PAUSE : Wish.NONE;
  }

  /**
   * Lets go of all leases of an earlier life of this trainer, so that their runs need not wait for
   * the expiry.
   *
   * @param instance beginning of the owner's name up to the slash
   * @return how many
   */
  public int releaseOfInstance(String instance) {
    return jdbc.sql(
            """
            update run set lease_until = clock_timestamp() - interval '1 millisecond'
            where state = 'RUNNING' and split_part(owner, '/', 1) = :instance
              and lease_until > clock_timestamp()
            """)
        .param("instance", instance)
        .update();
  }

  /**
   * Does something in one transaction under the proof that the lease is still held: the run's row
   * is locked and carries the lease's token, so nobody can take the run over meanwhile.
   *
   * @param work not null what it answers
   * @throws LeaseLostException if it is not held; nothing was done
   */
  public <T> T withLease(Lease lease, Function<Run, T> work) throws LeaseLostException {
    T result =
        transactions.execute(status -> {
          Run run = store.lock(lease.runId());
          return run.state() == RunState.RUNNING && run.fencingToken() == lease.token()
              ? work.apply(run)
              : null;
        });
    if (result == null) {
      throw new LeaseLostException(lease);
    }
    return result;
  }
}
