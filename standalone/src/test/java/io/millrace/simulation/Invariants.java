package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.events.v1.CheckpointPublished;
import io.millrace.contracts.events.v1.ModelPromoted;
import io.millrace.inference.swap.SimulatedReplica;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.ReceivedEvent;
import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Promotion;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.store.Materialised;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import io.millrace.training.run.RunRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;

/**
 * What holds at any moment: no sample is skipped or repeated in what a version has learned, the
 * promotions are those that the policy and people made, what serves was promoted last, and every
 * digest that serves is the registry's.
 */
final class Invariants {
  private final Lane lane;
  private final Documents documents;
  private final String run;
  private final RunRequest request;
  private final SnapshotEntry snapshot;
  private final ModelRegistry registry;
  private final CheckpointFiles files;
  private final EventCodec codec;
  private final List<Integer> decided = new ArrayList<>();
  private List<ModelVersion> known = List.of();
  private List<Integer> promoted = new ArrayList<>();
  private List<ModelVersion> kept = List.of();
  private List<Promotion> promotions = List.of();
  private boolean automatic = true;
  private long checkedWrites = -1;
  private boolean pinned;

  Invariants(
      Lane lane, Documents documents, String run, RunRequest request, SnapshotEntry snapshot) {
    this.lane = lane;
    this.run = run;
    this.documents = documents;
    this.request = request;
    this.snapshot = snapshot;
    this.registry = lane.inference().getBean(ModelRegistry.class);
    this.files = lane.inference().getBean(CheckpointFiles.class);
    this.codec = lane.inference().getBean(EventCodec.class);
  }

  /** A process died; nobody else did anything meanwhile. */
  void died(Crash crash) {
    check();
  }

  /** A person let a version serve. */
  void promoted(int version, boolean pin) {
    decided.add(version);
    promoted.add(version);
    pinned |= pin;
  }

  void unpinned() {
    pinned = false;
  }

  void policy(boolean automatic) {
    this.automatic = automatic;
  }

  /** Everything that can be seen in the registry and the store, if anything was written since. */
  void check() {
    long writes = lane.writes();
    if (writes == checkedWrites) {
      return;
    }
    checkedWrites = writes;
    List<ModelVersion> now = registry.historyOf(run);
    assertThat(now.stream().limit(known.size()).toList())
        .as("what was published is never forgotten")
        .isEqualTo(known);
    for (ModelVersion version : now.subList(known.size(), now.size())) {
      checkPlace(version, now);
      if (promotesItself() && !pinned) {
        promoted.add(version.version());
      }
    }
    kept = registry.models(request.model());
    kept.stream().filter(version -> !known.contains(version)).forEach(this::checkContent);
    known = now;
    List<Integer> there = kept.stream().map(ModelVersion::version).toList();
    List<Integer> wanted = lastFirst(promoted);
    wanted.retainAll(there);
    promotions = registry.promotions().promotions(request.model());
    assertThat(promotions.stream().map(each -> each.version().version()).toList())
        .as("promotions of %s, the last first", there)
        .isEqualTo(wanted);
    if (!promoted.isEmpty()) {
      assertThat(there).as("what is to serve is kept").contains(promoted.getLast());
    }
    if (!known.isEmpty()) {
      assertThat(there).as("what a run resumes from is kept").contains(known.getLast().version());
    }
  }

  /** What a run brought along goes before what the model says. */
  private boolean promotesItself() {
    PolicyJson own = request.policy();
    return own == null ? automatic : "automatic".equals(own.kind());
  }

  private static void checkPlace(ModelVersion version, List<ModelVersion> all) {
    assertThat(version.version()).isEqualTo(all.indexOf(version) + 1);
    if (version.version() > 1) {
      ModelVersion before = all.get(version.version() - 2);
      assertThat(version.step()).as("steps grow").isGreaterThan(before.step());
      assertThat(version.fencingToken()).isGreaterThanOrEqualTo(before.fencingToken());
    }
  }

  private void checkContent(ModelVersion version) {
    try (Materialised folder = files.verify(version.location(), version.manifestSha256())) {
      assertThat(CountedTokens.read(folder.directory()))
          .as("what version %d of step %d has learned", version.version(), version.step())
          .isEqualTo(learned(version));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Integer> learned(ModelVersion version) {
    return documents.learned(snapshot.train(), version.step() * request.batchSize());
  }

  /** What serves once a replica has looked. */
  void checkServing(SimulatedReplica replica) {
    check();
    ModelVersion serving = replica.serving();
    ModelVersion wanted = promotions.stream().findFirst().map(Promotion::version).orElse(null);
    assertThat(serving).as("what serves is what was promoted last").isEqualTo(wanted);
    if (serving != null) {
      assertThat(kept).as("what serves is in the registry").contains(serving);
      assertThat(replica.runtime())
          .as("what is in memory")
          .isEqualTo(new CountingLoader.Counted(learned(serving)));
    }
  }

  /** What must hold when nothing is left to do. */
  void checkEnd() throws IOException {
    check();
    assertThat(known.getLast().step()).isEqualTo(request.steps());
    assertThat(
            told(
                lane.topics().checkpoints(),
                event -> event.payload(CheckpointPublished.parser()).getVersion()))
        .as("checkpoints that were told of")
        .isEqualTo(IntStream.rangeClosed(1, known.size()).boxed().toList());
    assertThat(
            told(
                lane.topics().promotions(),
                event -> event.payload(ModelPromoted.parser()).getVersion()))
        .as("decisions that were told of")
        .isEqualTo(decided);
    Set<String> stored = new TreeSet<>();
    for (ObjectInfo object : lane.objects().list("models/" + request.model())) {
      stored.add(object.key().substring(0, object.key().lastIndexOf('/')));
    }
    assertThat(stored)
        .as("every version has its files, and no object is without a version")
        .containsExactlyInAnyOrderElementsOf(
            registry.models(request.model()).stream().map(ModelVersion::location).toList());
  }

  /** What events of the model told, in their order, each once however often it came. */
  private List<Integer> told(String topic, java.util.function.ToIntFunction<ReceivedEvent> number) {
    Set<Object> ids = new HashSet<>();
    Predicate<ReceivedEvent> first = event -> ids.add(event.id());
    return lane.log().read(new TopicPartition(topic, 0), 0).records().stream()
        .map(codec::decode)
        .filter(event -> event.key().equals(request.model()))
        .filter(first)
        .map(number::applyAsInt)
        .toList();
  }

  private static List<Integer> lastFirst(List<Integer> promoted) {
    List<Integer> last = new ArrayList<>();
    for (int version : promoted.reversed()) {
      if (!last.contains(version)) {
        last.add(version);
      }
    }
    return last;
  }
}
