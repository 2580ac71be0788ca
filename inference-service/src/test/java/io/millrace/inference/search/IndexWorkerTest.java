package io.millrace.inference.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topics;
import io.millrace.inference.InferenceProperties;
import io.millrace.inference.embed.Embeddings;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.ForeignRecords;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.vital.VitalThreads;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** A worker of the test's own, of an index that only it knows. */
class IndexWorkerTest {
  private static final InferenceFixture SERVICE = InferenceFixture.shared();

  private final List<String> told = new CopyOnWriteArrayList<>();
  private final SearchStore store =
      new SearchStore(SERVICE.bean(JdbcClient.class)) {
        @Override
        List<SearchIndex> list() {
          return List.of(new SearchIndex("own", "phrases", "texts", 1, 0, null, Instant.EPOCH));
        }

        @Override
        void trouble(String name, @Nullable String reason) {
          told.add(name + ": " + reason);
        }
      };

  @Test
  void makesItsClientWhenTheNamesOfTheBrokersAreKnown() throws Exception {
    VitalThreads vital = new VitalThreads();
    LostNames names = new LostNames(2);
    try (KafkaClients kafka =
        new KafkaClients(SERVICE.bean(MillraceProperties.class).kafka(), names)) {
      IndexWorker worker =
          new IndexWorker(
              store,
              filler(),
              kafka,
              SERVICE.bean(Topics.class),
              SERVICE.bean(InferenceProperties.class),
              vital);
      worker.start();
      try {
        InferenceFixture.await(() -> told, all -> all.contains("own: null"));
        assertThat(vital.dead()).isEmpty();
      } finally {
        worker.stop();
      }
    }
    assertThat(names.tries()).isEqualTo(3);
    assertThat(told.getFirst())
        .startsWith("own: no host of millrace.kafka.bootstrap-servers")
        .endsWith("can be looked up")
        .isEqualTo(told.get(1));
  }

  private IndexFiller filler() {
    return new IndexFiller(
        store,
        SERVICE.bean(SearchItems.class),
        SERVICE.bean(PgVector.class),
        SERVICE.bean(TransactionTemplate.class),
        SERVICE.bean(Registry.class),
        SERVICE.bean(ForeignRecords.class),
        SERVICE.bean(Embeddings.class),
        SERVICE.bean(ObjectStore.class)) {
      @Override
      boolean fill(String index, PreparedRecords records) {
        return false;
      }
    };
  }
}
