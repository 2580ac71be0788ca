package io.millrace.training.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.training.fixture.TrainingFixture;
import io.millrace.training.run.Run;
import io.millrace.training.run.RunEvent;
import io.millrace.training.run.RunState;
import io.millrace.training.run.RunStore;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Leases in a real database; the service's own trainer takes none. */
class LeasesTest {
  private static TrainingFixture service;
  private static Leases leases;
  private static RunStore store;
  private static JdbcClient jdbc;

  @BeforeAll
  static void start() throws Exception {
    service =
        TrainingFixture.start(
            io.millrace.training.TrainingServiceApplication.class,
            Map.of("millrace.training.lease.duration", "1h"));
    leases = service.bean(Leases.class);
    store = service.bean(RunStore.class);
    jdbc = service.bean(JdbcClient.class);
    service.textDataset("text");
    service.stopTrainer();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @AfterEach
  void clear() {
    jdbc.sql("delete from run").update();
  }

  @Test
  void givesTheOldestRunFirst() throws Exception {
    String first = create();
    String second = create();

    assertThat(claim("a").runId()).isEqualTo(first);
    assertThat(claim("b").runId()).isEqualTo(second);
    assertThat(leases.claim("c")).isEmpty();
  }

  @Test
  void givesDifferentRunsToThoseWhoClaimTogether() throws Exception {
    for (int i = 0; i < 8; i++) {
      create();
    }
    Set<String> claimed = new HashSet<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Optional<Lease>>> claims =
          java.util.Collections.nCopies(8, () -> leases.claim("t"));
      for (Future<Optional<Lease>> claim : threads.invokeAll(claims)) {
        // One may find all rows that it looked at locked; then it looks again.
        Lease lease = claim.get().or(() -> leases.claim("t")).orElseThrow();
        assertThat(claimed.add(lease.runId())).isTrue();
      }
    }
    assertThat(claimed).hasSize(8);
  }

  @Test
  void letsARunBeTakenOverOnlyAfterTheExpiry() throws Exception {
    create();
    Lease first = claim("a");
    assertThat(leases.claim("b")).isEmpty();

    expire(first);
    Lease second = claim("b");

    assertThat(second.runId()).isEqualTo(first.runId());
    assertThat(second.token()).isGreaterThan(first.token());
    assertThat(second.run().attempts()).isEqualTo(2);
    assertThat(second.run().stalledAttempts()).isEqualTo(1);
    assertThat(second.run().state()).isEqualTo(RunState.RUNNING);
  }

  @Test
  void refusesAZombieEverything() throws Exception {
    create();
    Lease zombie = claim("a");
    expire(zombie);
    Lease owner = claim("b");

    assertThatThrownBy(() -> leases.renew(zombie)).isInstanceOf(LeaseLostException.class);
    assertThatThrownBy(() -> leases.withLease(zombie, run -> store.note(run, run.progress())))
        .isInstanceOf(LeaseLostException.class)
        .hasMessageContaining("fencing token 1");
    assertThat(leases.renew(owner)).isEqualTo(Leases.Wish.NONE);
    assertThat(leases.withLease(owner, Run::id)).isEqualTo(owner.runId());
  }

  @Test
  void renewsALeaseThatExpiredWhileNobodyElseWantedIt() throws Exception {
    create();
    Lease lease = claim("a");
    expire(lease);

    assertThat(leases.renew(lease)).isEqualTo(Leases.Wish.NONE);
    assertThat(leases.claim("b")).isEmpty();
  }

  @Test
  void tellsTheHolderOfACancellation() throws Exception {
    String id = create();
    Lease lease = claim("a");
    service.send("POST", "/api/runs/" + id + "/cancel", "");

    assertThat(leases.renew(lease)).isEqualTo(Leases.Wish.CANCEL);
    Run stopped = leases.withLease(lease, run -> store.apply(run, RunEvent.STOP, ""));

    assertThat(stopped.state()).isEqualTo(RunState.CANCELLED);
    assertThatThrownBy(() -> leases.renew(lease)).isInstanceOf(LeaseLostException.class);
  }

  @Test
  void givesARunBackWithoutCountingTheAttemptAsStalled() throws Exception {
    create();
    Lease lease = claim("a");
    expire(lease);
    Lease again = claim("a");
    leases.withLease(again, run -> store.apply(run, RunEvent.YIELD, ""));

    Lease third = claim("b");

    assertThat(third.run().stalledAttempts()).isZero();
    assertThat(third.run().attempts()).isEqualTo(3);
    assertThat(third.token()).isEqualTo(3);
  }

  @Test
  void releasesWhatAnEarlierLifeOfTheSameInstanceHeld() throws Exception {
    create();
    create();
    Lease mine = claim("host-1/first-life");
    claim("host-2/other");

    assertThat(leases.releaseOfInstance("host-1")).isEqualTo(1);

    assertThat(claim("host-1/second-life").runId()).isEqualTo(mine.runId());
    assertThat(leases.claim("host-1/second-life")).isEmpty();
  }

  @Test
  void refusesAnEventThatCannotHappen() throws Exception {
    create();
    Lease lease = claim("a");

    assertThatThrownBy(() -> leases.withLease(lease, run -> store.apply(run, RunEvent.CLAIM, "")))
        .isInstanceOf(IllegalStateException.class);
  }

  private static Lease claim(String owner) {
    return leases.claim(owner).orElseThrow();
  }

  private static String create() throws Exception {
    return service.createRun("model", "text", Map.of("replace", true));
  }

  private static void expire(Lease lease) {
    jdbc.sql("update run set lease_until = clock_timestamp() - interval '1 second' where id = :id")
        .param("id", lease.runId())
        .update();
  }
}
