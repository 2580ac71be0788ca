package io.millrace.inference.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Search by pgvector, on a server that has it: {@code MILLRACE_PGVECTOR_URL} is a JDBC address of a
 * database in which its user may create the extension and a schema, which is deleted at the end.
 */
class PgVectorTest {
  private static final String VARIABLE = "MILLRACE_PGVECTOR_URL";
  private static final String SCHEMA = "millrace_pgvector_test";
  private static final int WIDTH = 24;
  private static final int ITEMS = 600;

  private final Random random = new Random(5);
  private JdbcClient jdbc = JdbcClient.create(new DriverManagerDataSource());
  private TransactionTemplate transactions = new TransactionTemplate();
  private SearchStore store = new SearchStore(jdbc);

  @BeforeEach
  void connect() {
    String url = System.getenv(VARIABLE);
    assumeTrue(
        url != null && !url.isBlank(),
        "the embedded PostgreSQL has no pgvector; set " + VARIABLE + " to a server that has");
    String own = url + (url.contains("?") ? "&" : "?") + "currentSchema=" + SCHEMA + ",public";
    DriverManagerDataSource source = new DriverManagerDataSource(own);
    Flyway flyway =
        Flyway.configure()
            .dataSource(source)
            .schemas(SCHEMA)
            .cleanDisabled(false)
            .locations("classpath:db/inference")
            .load();
    flyway.clean();
    flyway.migrate();
    jdbc = JdbcClient.create(source);
    transactions = new TransactionTemplate(new JdbcTransactionManager(source));
    store = new SearchStore(jdbc);
  }

  @AfterEach
  void clean() {
    if (System.getenv(VARIABLE) != null) {
      jdbc.sql("drop schema if exists " + SCHEMA + " cascade").update();
    }
  }

  private float[] unit() {
    float[] vector = new float[WIDTH];
    double squares = 0;
    for (int i = 0; i < WIDTH; i++) {
      vector[i] = (float) random.nextGaussian();
      squares += vector[i] * vector[i];
    }
    for (int i = 0; i < WIDTH; i++) {
      vector[i] /= (float) Math.sqrt(squares);
    }
    return vector;
  }

  private void create(String name) {
    store.create(new SearchIndex(name, "m", "d", 0, 0, null, Instant.EPOCH));
  }

  private static RecordItems items(int from, int count) {
    RecordItems found = new RecordItems();
    for (int i = from; i < from + count; i++) {
      found.items().add(new Item("t", 0, i, 0, "d" + i, "text " + i, null));
    }
    return found;
  }

  private List<float[]> vectors(int count) {
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      vectors.add(unit());
    }
    return vectors;
  }

  private List<Hit> nearest(SearchItems items, String name, float[] vector) {
    return Objects.requireNonNull(transactions.execute(_ -> items.nearest(name, vector, 10)));
  }

  private static List<String> ids(List<Hit> hits) {
    return hits.stream().map(Hit::documentId).toList();
  }

  @Test
  void findsWhatAnExactSearchFinds() {
    PgVector pgVector = new PgVector(jdbc, transactions, Integer.MAX_VALUE);
    SearchItems items = new SearchItems(jdbc, pgVector);
    create("small");
    create("other");
    List<float[]> vectors = vectors(ITEMS);
    items.add("small", items(0, ITEMS), vectors);
    items.add("other", items(0, 5), vectors(5));
    for (int trial = 0; trial < 10; trial++) {
      float[] asked = unit();
      List<Hit> hits = nearest(items, "small", asked);
      Integer[] order = new Integer[ITEMS];
      Arrays.setAll(order, i -> i);
      Arrays.sort(
          order,
          (a, b) -> Double.compare(product(vectors.get(b), asked), product(vectors.get(a), asked)));
      assertThat(ids(hits))
          .containsExactlyElementsOf(Arrays.stream(order).limit(10).map(i -> "d" + i).toList());
      assertThat(hits.getFirst().score())
          .isCloseTo(product(vectors.get(order[0]), asked), within(1e-5));
      assertThat(hits.getFirst().excerpt()).isEqualTo("text " + order[0]);
    }
  }

  private static double product(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (double) one[i] * other[i];
    }
    return sum;
  }

  @Test
  void indexesWhatIsLargeAndFindsNearlyAll() {
    PgVector pgVector = new PgVector(jdbc, transactions, ITEMS);
    SearchItems items = new SearchItems(jdbc, pgVector);
    create("it's large");
    items.add("it's large", items(0, ITEMS - 1), vectors(ITEMS - 1));
    pgVector.index(store.find("it's large").orElseThrow());
    assertThat(pgVector.hasIndex("it's large")).isFalse();
    items.add("it's large", items(ITEMS, 1), vectors(1));
    SearchItems exact = new SearchItems(jdbc, new NoPgVector(jdbc, transactions));
    pgVector.index(store.find("it's large").orElseThrow());
    assertThat(pgVector.hasIndex("it's large")).isTrue();
    // Small tables are read whole unless that is forbidden.
    jdbc.sql(
            "alter database current_database set enable_seqscan = off"
                .replace("current_database", database()))
        .update();
    try {
      int same = 0;
      for (int trial = 0; trial < 20; trial++) {
        float[] asked = unit();
        Set<String> wanted = new HashSet<>(ids(nearest(exact, "it's large", asked)));
        same +=
            (int)
                ids(nearest(items, "it's large", asked)).stream().filter(wanted::contains).count();
      }
      assertThat(same).isGreaterThanOrEqualTo(190);
    } finally {
      jdbc.sql("alter database " + database() + " reset enable_seqscan").update();
    }
    pgVector.dropIndex("it's large");
    assertThat(pgVector.hasIndex("it's large")).isFalse();
  }

  private String database() {
    return jdbc.sql("select quote_ident(current_database())").query(String.class).single();
  }

  @Test
  void indexesFromBeforeTheExtensionAreFilledAnew() {
    SearchItems before = new SearchItems(jdbc, new NoPgVector(jdbc, transactions));
    create("old");
    before.add("old", items(0, 3), vectors(3));
    assertThat(ids(nearest(before, "old", unit()))).hasSize(3);
    PgVector pgVector = new PgVector(jdbc, transactions);
    assertThat(pgVector.schema()).isPresent();
    assertThat(store.find("old").orElseThrow().items()).isZero();
  }

  /** A server without the extension. */
  private static final class NoPgVector extends PgVector {
    NoPgVector(JdbcClient jdbc, TransactionTemplate transactions) {
      super(jdbc, transactions);
    }

    @Override
    synchronized java.util.Optional<String> schema() {
      return java.util.Optional.empty();
    }
  }
}
