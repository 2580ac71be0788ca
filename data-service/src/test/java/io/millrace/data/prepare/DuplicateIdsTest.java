package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.data.log.DeadLetterHeaders;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DocumentPolicy;
import io.millrace.platform.registry.DocumentPolicy.DuplicateIds;
import io.millrace.platform.registry.DocumentPolicy.PlainValues;
import io.millrace.testing.TestServers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Ids are unique where a dataset wants them to be, wherever a worker crashes. */
class DuplicateIdsTest {
  private static HikariDataSource dataSource;
  private static DocumentIdStore store;

  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  @BeforeAll
  static void start() {
    TestServers.Database database = TestServers.freshDatabase();
    dataSource = new HikariDataSource();
    dataSource.setJdbcUrl(database.url());
    dataSource.setUsername(database.user());
    dataSource.setPassword(database.password());
    dataSource.setMaximumPoolSize(2);
    Flyway.configure()
        .dataSource(dataSource)
        .locations("classpath:db/data")
        .defaultSchema("public")
        .load()
        .migrate();
    store = new DocumentIdStore(JdbcClient.create(dataSource));
  }

  @AfterAll
  static void stop() {
    dataSource.close();
  }

  @Test
  void theFirstOfEachIdIsPreparedOnceWhereverAWorkerCrashes() {
    IdClaims ids = store.claims(dataset("crashing", DuplicateIds.REJECT, Instant.EPOCH));
    try (PreparationFixture fixture = new PreparationFixture(2, ids)) {
      List<Integer> first = new ArrayList<>();
      int token = 0;
      for (PreparationStep step : PreparationStep.values()) {
        for (int i = 0; i < 12; i++) {
          // Ids come again inside of a window, in later windows and in the other partition.
          String id = "d" + step.ordinal() + "-" + i % 8;
          if (i < 8) {
            first.add(token);
          }
          fixture.append(i < 10 ? 0 : 1, id, token++);
        }
        crashAt(fixture, step);
        fixture.prepareAll();
      }

      List<Integer> prepared = new ArrayList<>();
      for (Split split : Split.values()) {
        IntStream.range(0, 2)
            .forEach(partition ->
                fixture
                    .sequences(split, partition)
                    .forEach(sequence -> {
                      for (int id : PackedSequences.tokenIds(sequence)) {
                        if (id != PreparationFixture.END) {
                          prepared.add(id);
                        }
                      }
                    }));
      }
      assertThat(prepared).containsExactlyInAnyOrderElementsOf(first);
      assertThat(fixture.progress(0).rejected() + fixture.progress(1).rejected())
          .isEqualTo(token - first.size());
      assertThat(
              fixture.committed(fixture.names.deadLetters()).stream()
                  .map(letter ->
                      new String(
                          letter.headers().lastHeader(DeadLetterHeaders.REASON).value(),
                          StandardCharsets.UTF_8)))
          .hasSize(token - first.size())
          .contains("its id 'd0-0' is that of an earlier document (partition 0, offset 0)");
    }
  }

  @Test
  void anIdBelongsToWhoClaimedItFirst() {
    IdClaims ids = store.claims(dataset("claims", DuplicateIds.REJECT, Instant.EPOCH));
    DocumentPlace first = new DocumentPlace(0, 5);
    DocumentPlace second = new DocumentPlace(1, 3);
    assertThat(ids.claim(Map.of("a", first))).isEqualTo(Map.of("a", first));
    assertThat(ids.claim(Map.of("a", second, "b", second)))
        .isEqualTo(Map.of("a", first, "b", second));
    assertThat(ids.claim(Map.of("a", first))).isEqualTo(Map.of("a", first));
    assertThat(ids.claim(Map.of())).isEmpty();
  }

  @Test
  void anotherDatasetOfThatNameHasItsOwnIds() {
    DocumentPlace old = new DocumentPlace(0, 5);
    DocumentPlace place = new DocumentPlace(0, 1);
    store.claims(dataset("again", DuplicateIds.REJECT, Instant.EPOCH)).claim(Map.of("a", old));
    IdClaims ids =
        store.claims(dataset("again", DuplicateIds.REJECT, Instant.EPOCH.plusSeconds(1)));
    assertThat(ids.claim(Map.of("a", place))).isEqualTo(Map.of("a", place));
    store.forget("again");
    IdClaims kept = store.claims(dataset("again", DuplicateIds.KEEP, Instant.EPOCH));
    assertThat(kept.claim(Map.of("a", place))).isEmpty();
  }

  private static DatasetEntry dataset(String name, DuplicateIds policy, Instant createdAt) {
    return new DatasetEntry(
        name,
        new Content.Text(64, null),
        0,
        new DocumentPolicy(policy, PlainValues.REJECT, 1),
        createdAt);
  }

  private static void crashAt(PreparationFixture fixture, PreparationStep step) {
    PartitionWorker worker =
        fixture.worker(
            (dataset, partition, reached) -> {
              if (reached == step) {
                throw new Crash();
              }
            },
            (dataset, before, after, duration) -> {});
    assertThatThrownBy(worker::run).isInstanceOf(Crash.class);
  }
}
