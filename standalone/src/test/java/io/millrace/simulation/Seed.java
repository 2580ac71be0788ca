package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topics.Split;
import io.millrace.data.prepare.PreparationStep;
import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.RetentionJson;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.PromotionPolicy;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.registry.RetentionPolicy;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.training.fault.FaultPoint;
import io.millrace.training.run.RunDatasets;
import io.millrace.training.run.RunEvents;
import io.millrace.training.run.RunRequest;
import io.millrace.training.run.RunStore;
import io.millrace.training.run.Schedule;
import io.millrace.training.run.SimulatedRuns;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One story: documents are written and prepared, a snapshot is sealed, a run learns from it,
 * publishes, and what is promoted serves, while processes die between any two steps, zombies work
 * on, and people promote, pin and roll back.
 */
final class Seed {
  /** Steps after which a process may die, beside those of preparation and training. */
  private static final List<String> OTHER_POINTS =
      List.of("SEALED", "RUN_CREATED", "ACKNOWLEDGED", "LOADING", "LOOKED", "DECIDED");

  private final Lane lane;
  private final Chance chance;
  private final Documents documents;
  private final GenericApplicationContext beans;
  private final TransactionTemplate transactions;
  private final String model;
  private final String run = UUID.randomUUID().toString();

  private Seed(Lane lane, long seed) {
    this.lane = lane;
    this.chance = new Chance(seed, points());
    this.model = "model-" + seed;
    this.documents = new Documents(lane, chance, "dataset-" + seed);
    this.beans = lane.training();
    this.transactions = beans.getBean(TransactionTemplate.class);
  }

  /** All steps between two effects. */
  static List<String> points() {
    return Stream.of(
            Stream.of(PreparationStep.values()).map(Enum::name),
            Stream.of(FaultPoint.values()).map(Enum::name),
            OTHER_POINTS.stream())
        .flatMap(points -> points)
        .toList();
  }

  /**
   * Tells the story of a seed.
   *
   * @return how often a process died at each point
   * @throws AssertionError if anything was lost, came twice, or serves that should not
   */
  static Map<String, Integer> play(Lane lane, long seed) throws IOException {
    try {
      Seed story = new Seed(lane, seed);
      story.play();
      return story.chance.crashes();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    } finally {
      lane.follow(_ -> {});
      lane.clear();
    }
  }

  private void play() throws IOException {
    beans.getBean(Registry.class).createDataset(documents.dataset());
    do {
      documents.write(chance.between(3, 12));
      documents.prepare();
    } while (documents.ranges(Split.TRAIN).isEmpty() || chance.happens(0.3));
    chance.renew();
    SnapshotEntry snapshot = seal();
    RunRequest request = request(snapshot);
    create(request, snapshot);
    if (chance.happens(0.5)) {
      // A dataset that grows does not disturb who learns from its snapshot.
      documents.write(chance.between(1, 5));
      documents.prepare();
    }
    Invariants invariants = new Invariants(lane, documents, run, request, snapshot);
    try (Model followed = new Model(lane, chance, model, run, invariants)) {
      lane.follow(followed::reach);
      followed.toTheEnd();
    }
  }

  private SnapshotEntry seal() {
    SnapshotEntry snapshot =
        new SnapshotEntry(
            documents.dataset().name(),
            1,
            documents.ranges(Split.TRAIN),
            documents.ranges(Split.HELDOUT),
            "0".repeat(64),
            Map.of(),
            Instant.EPOCH);
    until(() -> beans.getBean(Registry.class).snapshots().add(snapshot), "SEALED");
    return snapshot;
  }

  private void create(RunRequest request, SnapshotEntry snapshot) {
    until(
        () ->
            SimulatedRuns.create(
                beans.getBean(RunStore.class),
                beans.getBean(RunDatasets.class),
                beans.getBean(RunEvents.class),
                beans.getBean(ModelRegistry.class).runRules(),
                run,
                request,
                snapshot),
        "RUN_CREATED");
  }

  /** Tries a transaction again that a crash before its commit has undone. */
  private void until(Runnable work, String point) {
    boolean done = false;
    while (!done) {
      try {
        transactions.executeWithoutResult(_ -> {
          work.run();
          chance.reach(point);
        });
        done = true;
      } catch (Crash e) {
        assertThat(e).hasMessageContaining(point);
      }
    }
  }

  private PromotionPolicy ownPolicy() {
    return chance.happens(0.5) ? new PromotionPolicy.Manual() : new PromotionPolicy.Automatic();
  }

  private RunRequest request(SnapshotEntry snapshot) {
    return new RunRequest(
        model,
        CountingTask.NAME,
        snapshot.dataset(),
        snapshot.version(),
        "counting",
        chance.between(2, 6),
        chance.between(1, 3),
        0.1,
        Schedule.CONSTANT,
        chance.between(1, 3),
        chance.happens(0.3),
        0,
        /* from= */ null,
        chance.happens(0.2) ? PolicyJson.of(ownPolicy()) : null,
        chance.happens(0.2)
            ? RetentionJson.of(new RetentionPolicy(chance.between(1, 2), 0, null, null, 0))
            : null,
        Map.of());
  }
}
