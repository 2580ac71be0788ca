package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.swap.SimulatedReplica;
import io.millrace.training.checkpoint.CheckpointCollector;
import io.millrace.training.checkpoint.OrphanCollector;
import io.millrace.training.run.Run;
import io.millrace.training.run.RunStore;
import io.millrace.training.trainer.SimulatedTrainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** A model from its run's first attempt until what was promoted last serves. */
final class Model implements AutoCloseable {
  private static final int TURNS_AT_MOST = 2_000;
  private static final double MEANWHILE = 0.15;

  private final Lane lane;
  private final Chance chance;
  private final String name;
  private final String run;
  private final Invariants invariants;
  private final Owner owner;
  private final SimulatedTrainer trainer;
  private final CheckpointCollector versions;
  private final OrphanCollector orphans;
  private final List<Relay> relays;
  private final RunStore runs;
  private final WatchedDataSource training;
  private final List<TopicPartition> news;
  private @Nullable SimulatedReplica replica;
  private long newsRead;
  private long askedAt = -1;
  private boolean ended;
  private boolean replicaDied;
  private boolean meanwhile;

  Model(Lane lane, Chance chance, String name, String run, Invariants invariants) {
    this.lane = lane;
    this.chance = chance;
    this.name = name;
    this.run = run;
    this.invariants = invariants;
    this.owner = new Owner(lane.inference(), chance, name, invariants);
    this.trainer = new SimulatedTrainer(lane.training());
    this.versions = lane.training().getBean(CheckpointCollector.class);
    this.orphans = lane.training().getBean(OrphanCollector.class);
    this.relays =
        Stream.of(lane.training(), lane.inference())
            .map(beans -> new Relay(beans, lane.kafka(), chance))
            .toList();
    this.runs = lane.training().getBean(RunStore.class);
    this.training = lane.training().getBean(WatchedDataSource.class);
    this.news =
        List.of(
            new TopicPartition(lane.topics().checkpoints(), 0),
            new TopicPartition(lane.topics().promotions(), 0));
  }

  /** Lets everybody have turns until nothing is left to do. */
  void toTheEnd() throws IOException {
    int turns = 0;
    while (!isOver()) {
      assertThat(++turns).as("turns until the end").isLessThan(TURNS_AT_MOST);
      switch (chance.between(0, 4)) {
        case 0 -> train();
        case 1 -> relay();
        case 2 -> look();
        case 3 -> collect();
        default -> owner.decide();
      }
      invariants.check();
    }
    Run finished = runs.require(run);
    assertThat(finished.state().label()).as(finished.error()).isEqualTo("succeeded");
    lane.follow(_ -> {});
    collect();
    invariants.checkEnd();
  }

  /** A process may die here; or the others get on while this one waits. */
  void reach(String point) {
    if (point.equals("LOADING")) {
      // On the thread that swaps, which takes an error for a trouble: the process dies a bit later.
      try {
        chance.reach(point);
      } catch (Crash e) {
        replicaDied = true;
        throw e;
      }
      return;
    }
    chance.reach(point);
    boolean inTransaction = TransactionSynchronizationManager.isActualTransactionActive();
    if (!meanwhile && !inTransaction && chance.happens(MEANWHILE)) {
      meanwhile = true;
      try {
        letOthersGetOn();
      } finally {
        meanwhile = false;
      }
    }
  }

  private void letOthersGetOn() {
    switch (chance.between(0, 4)) {
      case 0 -> trainBeside();
      case 1 -> relay();
      case 2 -> look();
      case 3 -> collect();
      default -> owner.decide();
    }
  }

  private void train() {
    try {
      trainer.work();
    } catch (Crash e) {
      invariants.died(e);
    }
  }

  /** Another trainer takes the run over; the one that waits here is a zombie from then on. */
  private void trainBeside() {
    Thread beside = Thread.ofPlatform().start(this::train);
    try {
      beside.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void relay() {
    try {
      relays.forEach(Relay::publish);
    } catch (Crash e) {
      invariants.died(e);
    }
  }

  /** Deletes what retention does not keep, and what zombies left. */
  private void collect() {
    try {
      versions.collect();
      orphans.collect();
    } catch (Crash e) {
      invariants.died(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A replica looks if an event tells it to, or because it is new. */
  private void look() {
    long told = told();
    SimulatedReplica now = replica;
    if (now != null && told == newsRead) {
      return;
    }
    if (now == null) {
      now = new SimulatedReplica(lane.inference(), name);
      replica = now;
    }
    newsRead = told;
    now.look();
    try {
      if (replicaDied) {
        throw new Crash("LOADING");
      }
      invariants.checkServing(now);
      chance.reach("LOOKED");
    } catch (Crash e) {
      invariants.died(e);
      now.close();
      replica = null;
      replicaDied = false;
    }
  }

  private long told() {
    return news.stream().mapToLong(lane.log()::end).sum();
  }

  private boolean isOver() {
    SimulatedReplica now = replica;
    // What costs no query is asked first: this is asked at every turn.
    boolean over =
        now != null
            && told() == newsRead
            && relays.stream().allMatch(Relay::isIdle)
            && hasEnded()
            && relays.stream().allMatch(Relay::isDone);
    if (over && now != null) {
      invariants.checkServing(now);
    }
    return over;
  }

  /** A run's end is announced: nobody is asked before something was. */
  private boolean hasEnded() {
    long announced = training.announced();
    if (announced != askedAt) {
      askedAt = announced;
      ended = runs.require(run).state().isFinal();
    }
    return ended;
  }

  @Override
  public void close() {
    if (replica != null) {
      replica.close();
    }
  }
}
