package io.millrace.training.run;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.trace.Traces;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Runs in PostgreSQL. Every method takes part in the caller's transaction if there is one. */
@Repository
public class RunStore {
  private final JdbcClient jdbc;
  private final Clock clock;

  RunStore(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
  }

  /**
   * Adds a run that waits for a trainer.
   *
   * @param warnings what its snapshot warns of
   */
  Run create(String id, RunRequest request, List<String> warnings) {
    ModelRef from = request.from();
    return jdbc.sql(
            """
            insert into run (id, model, task, dataset, snapshot, preset, steps, batch_size,
              learning_rate, schedule, checkpoint_every, checkpoint_at_start, seed,
              from_model, from_version, policy, retention, options, warnings, state, error,
              cancel_requested, progress, attempts, stalled_attempts, fencing_token, revision, created_at,
              traceparent)
            values (:id, :model, :task, :dataset, :snapshot, :preset, :steps, :batchSize,
              :learningRate, :schedule, :checkpointEvery, :checkpointAtStart, :seed,
              :fromModel, :fromVersion, cast(:policy as jsonb), cast(:retention as jsonb), cast(:options as jsonb), :warnings, 'QUEUED', '',
              false, cast(:progress as jsonb), 0, 0, 0, 1, :createdAt,
              :traceparent)
            returning *
            """)
        .param("id", id)
        .param("model", request.model())
        .param("task", request.task())
        .param("dataset", request.dataset())
        .param("snapshot", request.snapshot())
        .param("preset", request.preset())
        .param("steps", request.steps())
        .param("batchSize", request.batchSize())
        .param("learningRate", request.learningRate())
        .param("checkpointEvery", request.checkpointEvery())
        .param("checkpointAtStart", request.checkpointAtStart())
        .param("seed", request.seed())
        .param("schedule", request.schedule().label())
        .param("fromModel", from == null ? null : from.model())
        .param("fromVersion", from == null ? null : from.version())
        .param("policy", RunRows.json(request.policy()))
        .param("retention", RunRows.json(request.retention()))
        .param("options", RunRows.json(request.options()))
        .param("warnings", warnings.toArray(String[]::new))
        .param("progress", RunRows.json(Progress.NONE))
        .param("createdAt", Timestamp.from(clock.instant()))
        .param("traceparent", Traces.current())
        .query(RunRows::read)
        .single();
  }

  /** The run of that id, if there is one. */
  public Optional<Run> find(String id) {
    return jdbc.sql("select * from run where id = :id and deleted_at is null")
        .param("id", id)
        .query(RunRows::read)
        .optional();
  }

  /** The run of that id, if there is or was one. */
  public Optional<Run> findEver(String id) {
    return jdbc.sql("select * from run where id = :id")
        .param("id", id)
        .query(RunRows::read)
        .optional();
  }

  /**
   * The run of that id.
   *
   * @throws MillraceException NOT_FOUND
   */
  public Run require(String id) {
    return find(id).orElseThrow(() -> MillraceException.notFound("run", id));
  }

  /** Runs that pass a filter, newest first: one more than its limit, if there are more. */
  List<Run> list(RunFilter filter) {
    return jdbc.sql(
            """
            select r.* from run r left join run c on c.id = :after
            where r.deleted_at is null and (:model = '' or r.model = :model)
              and (:any or r.state = any(:states))
              and (c.id is null or r.created_at < c.created_at
                or (r.created_at = c.created_at and r.id > c.id))
            order by r.created_at desc, r.id limit :limit
            """)
        .param("after", filter.cursor())
        .param("model", filter.model())
        .param("any", filter.states().isEmpty())
        .param("states", filter.states().stream().map(RunState::name).toArray(String[]::new))
        .param("limit", filter.limit() + 1)
        .query(RunRows::read)
        .list();
  }

  /** A locked run is shown to nobody any more. */
  void delete(Run locked) {
    jdbc.sql("update run set deleted_at = :now, revision = revision + 1 where id = :id")
        .param("now", Timestamp.from(clock.instant()))
        .param("id", locked.id())
        .update();
  }

  /** Whether a run of the model with another task is not finished yet. */
  boolean isModelInUseByAnotherTask(String model, String task) {
    return jdbc.sql(
            """
            select exists (select from run
              where model = :model and task <> :task and state = any(:unfinished))
            """)
        .param("unfinished", RunLifecycle.unfinished())
        .param("model", model)
        .param("task", task)
        .query(Boolean.class)
        .single();
  }

  /** Why a run waits that is queued, and behind how many: trainers take the oldest first. */
  Waiting waiting(Run run) {
    return jdbc.sql(
            """
            select count(*) filter (where state = any(:claimable)
                or (state = any(:taken) and lease_until < clock_timestamp())) as before,
              count(*) filter (where state = any(:taken)
                and lease_until >= clock_timestamp()) as learning
            from run where state in ('QUEUED', 'RUNNING')
              and (state = 'RUNNING' or (created_at, id) < (:createdAt, :id))
            """)
        .param("claimable", RunLifecycle.statesOf(RunEvent.CLAIM))
        .param("taken", RunLifecycle.statesOf(RunEvent.TAKE_OVER))
        .param("createdAt", Timestamp.from(run.createdAt()))
        .param("id", run.id())
        .query((row, number) -> Waiting.behind(row.getInt("before"), row.getInt("learning")))
        .single();
  }

  /** Lets one transaction after the other decide about a model: its name, its next version. */
  public void lockModel(String model) {
    jdbc.sql("select pg_advisory_xact_lock(hashtextextended('training.model:' || :model, 0))")
        .param("model", model)
        .query((row, number) -> true)
        .single();
  }

  /** The revision of a run, which tells whether it changed; 0 if there is no such run. */
  long revision(String id) {
    return jdbc.sql("select revision from run where id = :id and deleted_at is null")
        .param("id", id)
        .query(Long.class)
        .optional()
        .orElse(0L);
  }

  /**
   * Keeps others from changing a run until the caller's transaction ends.
   *
   * @throws MillraceException NOT_FOUND
   */
  public Run lock(String id) {
    if (!TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new IllegalStateException("RunStore.lock needs a transaction");
    }
    return jdbc.sql("select * from run where id = :id and deleted_at is null for update")
        .param("id", id)
        .query(RunRows::read)
        .optional()
        .orElseThrow(() -> MillraceException.notFound("run", id));
  }

  /**
   * Moves a locked run to the state after an event.
   *
   * @param error why, if it fails; else empty
   * @throws IllegalStateException if the event cannot happen in the run's state; {@link
   *     RunEvent#CLAIM} and {@link RunEvent#TAKE_OVER} are for the lease package, whose SQL does
   *     them
   */
  public Run apply(Run locked, RunEvent event, String error) {
    RunState next =
        RunLifecycle.next(locked.state(), event)
            .filter(state -> event != RunEvent.CLAIM && event != RunEvent.TAKE_OVER)
            .orElseThrow(() ->
                new IllegalStateException(
                    "run %s is %s: no %s".formatted(locked.id(), locked.state(), event)));
    boolean running = next == RunState.RUNNING;
    return jdbc.sql(
            """
            update run set state = :state, error = :error, revision = revision + 1,
              cancel_requested = cancel_requested or :cancel,
              pause_requested = :running and not :resume and (pause_requested or :pause),
              owner = case when :running then owner end,
              lease_until = case when :running then lease_until end,
              stalled_attempts = case when :running then stalled_attempts else 0 end,
              finished_at = cast(:finishedAt as timestamptz)
            where id = :id returning *
            """)
        .param("state", next.name())
        .param("error", error)
        .param("cancel", event == RunEvent.REQUEST_CANCEL)
        .param("pause", event == RunEvent.REQUEST_PAUSE)
        .param("resume", event == RunEvent.RESUME)
        .param("running", running)
        .param("finishedAt", next.isFinal() ? Timestamp.from(clock.instant()) : null)
        .param("id", locked.id())
        .query(RunRows::read)
        .single();
  }

  /** Notes how far a locked run is. */
  public Run note(Run locked, Progress progress) {
    return jdbc.sql(
            """
            update run set progress = cast(:progress as jsonb), revision = revision + 1
            where id = :id returning *
            """)
        .param("progress", RunRows.json(progress))
        .param("id", locked.id())
        .query(RunRows::read)
        .single();
  }

  /** Notes why an attempt at a locked run was abandoned; what ends the run overwrites it. */
  public Run noteTrouble(Run locked, String reason) {
    return jdbc.sql(
            "update run set error = :error, revision = revision + 1 where id = :id returning *")
        .param("error", reason)
        .param("id", locked.id())
        .query(RunRows::read)
        .single();
  }

  /** Notes that a locked run published a checkpoint: its attempts get somewhere. */
  public void noteCheckpoint(Run locked) {
    jdbc.sql("update run set stalled_attempts = 0, error = '' where id = :id")
        .param("id", locked.id())
        .update();
  }
}
