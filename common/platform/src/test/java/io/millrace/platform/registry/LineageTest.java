package io.millrace.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** Which run needs which dataset, and what is left of it. */
class LineageTest {
  private static final SnapshotEntry SNAPSHOT =
      new SnapshotEntry(
          "books", 2, List.of(), List.of(), "abc", Map.of("documents", 5L), Instant.EPOCH);

  private static Registry registry;
  private static Lineage lineage;
  private static TransactionTemplate transactions;

  @BeforeAll
  static void migrate() {
    RegistryDatabase database = RegistryDatabase.fresh();
    registry = new Registry(database.jdbc());
    lineage = new Lineage(database.jdbc());
    transactions = database.transactions();
  }

  @Test
  void keepsWhatARunLearnedFrom() {
    dataset("kept");
    use("kept-1", "kept");
    inTransaction(() -> lineage.release("kept-1"));
    inTransaction(() -> lineage.beginDeletion("kept", false));

    LineageEntry entry = lineage.find("kept-1").orElseThrow();

    assertThat(entry.snapshot()).isEqualTo(2);
    assertThat(entry.snapshotSha256()).isEqualTo("abc");
    assertThat(entry.counts()).isEqualTo(Map.of("documents", 5L));
    assertThat(entry.datasetDeletedAt()).isNotNull();
    assertThat(lineage.find("unknown")).isEmpty();
  }

  @Test
  void protectsADatasetThatRunsNeed() {
    dataset("needed");
    use("needed-1", "needed");
    use("needed-2", "needed");

    assertThatThrownBy(() -> inTransaction(() -> lineage.beginDeletion("needed", false)))
        .hasMessage(
            "dataset 'needed' is in use by run needed-1 (model m), run needed-2 (model m);"
                + " cancel them first, or let an administrator delete it with force");
    assertThat(lineage.find("needed-1").orElseThrow().datasetDeletedAt()).isNull();
    use("needed-3", "needed");

    inTransaction(() -> lineage.beginDeletion("needed", true));
    assertThat(lineage.find("needed-3").orElseThrow().datasetDeletedAt()).isNotNull();
    inTransaction(() -> lineage.beginDeletion("needed", false));
  }

  @Test
  void letsNobodyUseADatasetThatIsBeingDeleted() {
    dataset("going");
    inTransaction(() -> lineage.beginDeletion("going", false));

    assertThatThrownBy(() -> use("late", "going")).hasMessage("dataset 'going' is being deleted");
    assertThatThrownBy(() -> use("later", "gone")).hasMessage("dataset 'gone' does not exist");
    assertThatThrownBy(() -> inTransaction(() -> lineage.beginDeletion("gone", true)))
        .hasMessage("dataset 'gone' does not exist");
  }

  @Test
  void namesAFewOfManyRuns() {
    dataset("popular");
    for (int i = 1; i <= 8; i++) {
      use("popular-" + i, "popular");
    }

    assertThatThrownBy(() -> inTransaction(() -> lineage.beginDeletion("popular", false)))
        .hasMessageContaining("run popular-5 (model m) and 3 more; cancel them");
  }

  private static void use(String run, String dataset) {
    SnapshotEntry snapshot =
        new SnapshotEntry(
            dataset,
            SNAPSHOT.version(),
            List.of(),
            List.of(),
            SNAPSHOT.sha256(),
            SNAPSHOT.counts(),
            SNAPSHOT.createdAt());
    inTransaction(() -> lineage.use(LineageEntry.of(run, "m", snapshot)));
  }

  private static void inTransaction(Runnable work) {
    transactions.executeWithoutResult(status -> work.run());
  }

  private static void dataset(String name) {
    registry.createDataset(
        new DatasetEntry(name, new Content.Text(8, null), /* heldoutPercent= */ 0, Instant.EPOCH));
  }
}
