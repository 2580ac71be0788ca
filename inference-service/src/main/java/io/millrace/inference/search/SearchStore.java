package io.millrace.inference.search;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Indexes in PostgreSQL. Every method takes part in the caller's transaction if there is one. */
@Repository
class SearchStore {

  private static final String SELECT =
      """
      select i.*, (select count(*) from search_item s where s.index_name = i.name) as items
      from search_index i
      """;

  private final JdbcClient jdbc;

  SearchStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Adds an index; false if there is one of that name. */
  boolean create(SearchIndex index) {
    return jdbc.sql(
                """
                insert into search_index (name, model, dataset, created_at)
                values (:name, :model, :dataset, :createdAt)
                on conflict do nothing
                """)
            .param("name", index.name())
            .param("model", index.model())
            .param("dataset", index.dataset())
            .param("createdAt", Timestamp.from(index.createdAt()))
            .update()
        == 1;
  }

  /** All indexes, by name. */
  List<SearchIndex> list() {
    return jdbc.sql(SELECT + " order by i.name").query(SearchStore::read).list();
  }

  /** The index of that name. */
  Optional<SearchIndex> find(String name) {
    return jdbc.sql(SELECT + " where i.name = :name")
        .param("name", name)
        .query(SearchStore::read)
        .optional();
  }

  /** Deletes an index with its items; whether there was one. */
  boolean delete(String name) {
    return jdbc.sql("delete from search_index where name = :name").param("name", name).update()
        == 1;
  }

  /** Keeps others from filling it until the transaction ends; false if somebody does already. */
  boolean lock(String name) {
    return jdbc.sql("select 1 from search_index where name = :name for update skip locked")
        .param("name", name)
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  /** Empties an index, which is to be filled by another version from the beginning. */
  void restart(String name, int modelVersion) {
    for (String table : List.of("search_item", "search_position")) {
      jdbc.sql("delete from " + table + " where index_name = :name").param("name", name).update();
    }
    jdbc.sql("update search_index set model_version = :version where name = :name")
        .param("version", modelVersion)
        .param("name", name)
        .update();
  }

  /** Says why filling does not go on; null: it does. */
  void trouble(String name, @Nullable String reason) {
    jdbc.sql(
            """
            update search_index set trouble = :reason
            where name = :name and trouble is distinct from :reason
            """)
        .param("reason", reason)
        .param("name", name)
        .update();
  }

  /** Up to where records are in an index. */
  Map<TopicPartition, Long> positions(String name) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    jdbc.sql("select topic, part, next_offset from search_position where index_name = :name")
        .param("name", name)
        .query(row -> {
          positions.put(
              new TopicPartition(row.getString("topic"), row.getInt("part")),
              row.getLong("next_offset"));
        });
    return positions;
  }

  /** Moves positions. */
  void move(String name, Map<TopicPartition, Long> positions) {
    positions.forEach((place, next) ->
        jdbc.sql(
                """
                insert into search_position values (:name, :topic, :part, :next)
                on conflict (index_name, topic, part) do update set next_offset = excluded.next_offset
                """)
            .param("name", name)
            .param("topic", place.topic())
            .param("part", place.partition())
            .param("next", next)
            .update());
  }

  private static SearchIndex read(ResultSet row, int unused) throws SQLException {
    return new SearchIndex(
        row.getString("name"),
        row.getString("model"),
        row.getString("dataset"),
        row.getInt("model_version"),
        row.getLong("items"),
        row.getString("trouble"),
        row.getTimestamp("created_at").toInstant());
  }
}
