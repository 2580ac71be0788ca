package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.record.DocumentHeader;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.data.log.DeadLetterHeaders;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.IntakePolicy;
import io.millrace.platform.registry.IntakePolicy.DuplicateIds;
import io.millrace.platform.registry.IntakePolicy.PlainValues;
import io.millrace.testing.TestServers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Ids are unique where a dataset wants them to be, wherever a worker crashes. */
class DuplicateIdsTest {
  private static HikariDataSource dataSource;
  private static DocumentIdStore store;
  private static ReplacedDocuments replaced;

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
    JdbcClient jdbc = JdbcClient.create(dataSource);
    replaced =
        new ReplacedDocuments(
            jdbc, new TransactionTemplate(new JdbcTransactionManager(dataSource)));
    store = new DocumentIdStore(jdbc, replaced);
  }

  @AfterAll
  static void stop() {
    dataSource.close();
  }

  @Test
  void theFirstOfEachIdIsPreparedOnceWhereverAWorkerCrashes() {
    RepeatedIds ids = store.repeatedIds(dataset("crashing", DuplicateIds.REJECT, Instant.EPOCH));
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
      assertThat(fixture.progress(0).tally().rejected() + fixture.progress(1).tally().rejected())
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
    RepeatedIds.Claims ids = claims(dataset("claims", DuplicateIds.REJECT, Instant.EPOCH));
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
    claims(dataset("again", DuplicateIds.REJECT, Instant.EPOCH)).claim(Map.of("a", old));
    RepeatedIds.Claims ids =
        claims(dataset("again", DuplicateIds.REJECT, Instant.EPOCH.plusSeconds(1)));
    assertThat(ids.claim(Map.of("a", place))).isEqualTo(Map.of("a", place));
    store.forget("again");
    assertThat(
            claims(dataset("again", DuplicateIds.REJECT, Instant.EPOCH)).claim(Map.of("a", place)))
        .isEqualTo(Map.of("a", place));
    assertThat(store.repeatedIds(dataset("again", DuplicateIds.KEEP, Instant.EPOCH)))
        .isEqualTo(new RepeatedIds.Keep());
  }

  @Test
  void theLastOfEachIdReplacesTheOthersWhereverAWorkerCrashes() {
    DatasetEntry dataset = dataset("replacing", DuplicateIds.REPLACE, Instant.EPOCH);
    try (PreparationFixture fixture = new PreparationFixture(1, store.repeatedIds(dataset))) {
      Map<String, Integer> last = new LinkedHashMap<>();
      int token = 0;
      for (PreparationStep step : PreparationStep.values()) {
        for (int i = 0; i < 12; i++) {
          String id = "d" + step.ordinal() / 2 + "-" + i % 8;
          last.put(id, token);
          fixture.append(0, id, token++);
        }
        crashAt(fixture, step);
        fixture.prepareAll();
      }

      Map<Integer, Long> prepared = Map.of(0, fixture.progress().nextOffset());
      List<ReplacedDocuments.Replaced> leftOut = replaced.find(dataset, prepared);
      assertThat(leftOut).hasSize(token - last.size()).doesNotHaveDuplicates();
      assertThat(remaining(fixture, leftOut)).containsExactlyInAnyOrderElementsOf(last.values());
      // A snapshot that does not hold the later document keeps the earlier one.
      assertThat(replaced.find(dataset, Map.of(0, 8L))).isEmpty();
      assertThat(replaced.find(dataset, Map.of(0, 9L))).hasSize(1);
      assertThat(fixture.progress().tally().rejected()).isZero();
      recordsTellTheirDocuments(fixture, token);
    }
  }

  /** The token of each document is the offset of it. */
  private static void recordsTellTheirDocuments(PreparationFixture fixture, int documents) {
    int told = 0;
    for (Split split : Split.values()) {
      for (ConsumerRecord<byte[], byte[]> record : fixture.records(split, 0)) {
        byte[] offset = record.headers().lastHeader(DocumentHeader.NAME).value();
        assertThat(DocumentHeader.offset(offset))
            .isEqualTo(PackedSequences.tokenIds(PackedSequences.parse(record.value()))[0]);
        told++;
      }
    }
    assertThat(told).isEqualTo(documents);
  }

  /** The tokens of the sequences that were not left out. */
  private static List<Integer> remaining(
      PreparationFixture fixture, List<ReplacedDocuments.Replaced> leftOut) {
    List<Integer> tokens = new ArrayList<>();
    for (Split split : Split.values()) {
      fixture
          .sequences(split, 0)
          .forEach(sequence -> {
            long number = sequence.getSequenceNumber();
            if (leftOut.stream()
                .noneMatch(one ->
                    one.split() == split
                        && number >= one.first()
                        && number < one.first() + one.records())) {
              tokens.add(PackedSequences.tokenIds(sequence)[0]);
            }
          });
    }
    return tokens;
  }

  private static RepeatedIds.Claims claims(DatasetEntry dataset) {
    return ((RepeatedIds.Reject) store.repeatedIds(dataset)).claims();
  }

  private static DatasetEntry dataset(String name, DuplicateIds policy, Instant createdAt) {
    return new DatasetEntry(
        name,
        new Content.Text(64, null),
        0,
        new IntakePolicy(policy, PlainValues.REJECT, 1),
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
