package io.millrace.data.rejected;

import io.millrace.data.log.DatasetLog;
import io.millrace.platform.registry.DatasetEntry;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Up to which dead letter of each partition documents were replayed. The offset of the replay's
 * group is the truth, as it is committed with the documents; PostgreSQL keeps it, because Kafka
 * forgets the offset of a group that commits nothing for a week.
 */
@Repository
class ReplayPositions {
  private final JdbcClient jdbc;
  private final DatasetLog log;

  ReplayPositions(JdbcClient jdbc, DatasetLog log) {
    this.jdbc = jdbc;
    this.log = log;
  }

  /** The offset of the first letter that was not replayed, by partition. */
  SortedMap<Integer, Long> find(DatasetEntry dataset) {
    SortedMap<Integer, Long> positions = new TreeMap<>();
    jdbc.sql("select partition, next_offset from replay where dataset = :dataset")
        .param("dataset", dataset.name())
        .query(row -> {
          positions.put(row.getInt("partition"), row.getLong("next_offset"));
        });
    log.replayed(dataset)
        .forEach((partition, offset) -> positions.merge(partition, offset, Math::max));
    return positions;
  }

  /** Keeps positions; none ever goes back. */
  void keep(DatasetEntry dataset, Map<Integer, Long> positions) {
    positions.forEach((partition, offset) ->
        jdbc.sql(
                """
                insert into replay (dataset, partition, next_offset)
                values (:dataset, :partition, :offset)
                on conflict (dataset, partition) do update
                set next_offset = greatest(replay.next_offset, excluded.next_offset)
                """)
            .param("dataset", dataset.name())
            .param("partition", partition)
            .param("offset", offset)
            .update());
  }

  /** Forgets a dataset that is deleted. */
  void forget(String dataset) {
    jdbc.sql("delete from replay where dataset = :dataset").param("dataset", dataset).update();
  }
}
