package io.millrace.inference.search;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The extension pgvector, where the server has it: a column of vectors that the server compares
 * itself, and an HNSW index (arXiv 1603.09320) of each search index that is large. Whether it is
 * there is looked up once a process.
 */
@Component
class PgVector implements InitializingBean {
  private static final Logger LOG = LoggerFactory.getLogger(PgVector.class);

  /** Items from which on neighbours are found approximately. */
  private static final int APPROXIMATE_FROM = 10_000;

  /** Values of a vector that HNSW can index. */
  private static final int MOST_VALUES = 2_000;

  private final JdbcClient jdbc;
  private final TransactionTemplate transactions;
  private final int approximateFrom;
  private @Nullable Optional<String> found;

  @Autowired
  PgVector(JdbcClient jdbc, TransactionTemplate transactions) {
    this(jdbc, transactions, APPROXIMATE_FROM);
  }

  PgVector(JdbcClient jdbc, TransactionTemplate transactions, int approximateFrom) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.approximateFrom = approximateFrom;
  }

  /** Looks it up at the start: no other transaction may hold the table then. */
  @Override
  public void afterPropertiesSet() {
    Optional<String> unused = schema();
  }

  /**
   * Schema of the extension, quoted. The first call makes extension and column where the server has
   * it; items from before have no such vector, so that their indexes are filled anew.
   *
   * @return empty: there is none
   */
  synchronized Optional<String> schema() {
    Optional<String> known = found;
    if (known == null) {
      known = prepare();
      found = known;
    }
    return known;
  }

  private Optional<String> prepare() {
    if (jdbc.sql("select 1 from pg_available_extensions where name = 'vector'")
        .query(Integer.class)
        .optional()
        .isEmpty()) {
      return Optional.empty();
    }
    try {
      return transactions.execute(_ -> {
        jdbc.sql("create extension if not exists vector").update();
        String schema =
            jdbc.sql(
                    """
                    select quote_ident(n.nspname) from pg_extension e
                    join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'
                    """)
                .query(String.class)
                .single();
        jdbc.sql("alter table search_item add column if not exists embedding " + schema + ".vector")
            .update();
        jdbc.sql(
                """
                delete from search_position
                where index_name in (select index_name from search_item where embedding is null)
                """)
            .update();
        jdbc.sql(
                """
                delete from search_item
                where index_name in (select index_name from search_item where embedding is null)
                """)
            .update();
        return Optional.of(schema);
      });
    } catch (DataAccessException e) {
      LOG.warn(
          "pgvector is installed but cannot be used: as a superuser, run CREATE EXTENSION vector in this database; searches compare every vector until the service is started again",
          e);
      return Optional.empty();
    }
  }

  /** A vector as the extension reads it. */
  static String text(float[] vector) {
    return IntStream.range(0, vector.length)
        .mapToObj(i -> Float.toString(vector[i]))
        .collect(Collectors.joining(",", "[", "]"));
  }

  /**
   * The nearest items, best first: by the HNSW index if there is one and the server finds that
   * cheaper, else by comparing all. Needs a transaction.
   *
   * @param schema of the extension
   */
  List<Hit> nearest(String schema, String name, float[] vector, int most) {
    // The condition has to be that of the index, word by word.
    String sql =
        """
        select document_id, excerpt, -(%1$s) as score from search_item
        where index_name = %2$s order by %1$s, document_id limit :most
        """
            .formatted(distance(schema, vector.length), literal(name));
    jdbc.sql("set local hnsw.ef_search = " + Math.clamp(2L * most, 100, 1000)).update();
    return jdbc.sql(sql)
        .param("vector", text(vector))
        .param("most", most)
        .query((row, _) ->
            new Hit(row.getString("document_id"), row.getDouble("score"), row.getString("excerpt")))
        .list();
  }

  /** Minus the product of an item's vector and the parameter. */
  private static String distance(String schema, int width) {
    String type = schema + ".vector(" + width + ")";
    return "(embedding::%s) operator(%s.<#>) cast(:vector as %s)".formatted(type, schema, type);
  }

  /**
   * Makes the HNSW index of a search index that has many items, if it has none yet. Others cannot
   * write items meanwhile.
   */
  void index(SearchIndex of) {
    Optional<String> schema = schema();
    if (schema.isEmpty() || of.items() < approximateFrom || hasIndex(of.name())) {
      return;
    }
    String own = schema.get();
    int width =
        jdbc.sql(
                "select %s.vector_dims(embedding) from search_item where index_name = :name limit 1"
                    .formatted(own))
            .param("name", of.name())
            .query(Integer.class)
            .single();
    if (width > MOST_VALUES || !hasHnsw()) {
      return;
    }
    LOG.info("Indexing {} vectors of {} values of '{}'", of.items(), width, of.name());
    jdbc.sql(
            "create index %s on search_item using hnsw ((embedding::%s.vector(%d)) %s.vector_ip_ops) where index_name = %s"
                .formatted(indexName(of.name()), own, width, own, literal(of.name())))
        .update();
  }

  /** Versions of the extension before 0.5 have none. */
  private boolean hasHnsw() {
    return jdbc.sql("select 1 from pg_am where amname = 'hnsw'")
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  boolean hasIndex(String name) {
    return jdbc.sql("select to_regclass(:index) is not null")
        .param("index", indexName(name))
        .query(Boolean.class)
        .single();
  }

  /** Removes the HNSW index of a search index that is emptied: the next vectors may be wider. */
  void dropIndex(String name) {
    if (schema().isPresent()) {
      jdbc.sql("drop index if exists " + indexName(name)).update();
    }
  }

  private static String indexName(String name) {
    return "search_hnsw_" + HexFormat.of().formatHex(name.getBytes(StandardCharsets.UTF_8));
  }

  /** Names of indexes have letters, digits and dashes alone. */
  private static String literal(String name) {
    return "'" + name.replace("'", "''") + "'";
  }
}
