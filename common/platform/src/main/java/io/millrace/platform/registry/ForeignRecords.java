package io.millrace.platform.registry;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Records among the prepared ones of datasets that no preparation wrote, as a repair found them:
 * the data service notes them, and whoever reads prepared records leaves them out.
 */
public final class ForeignRecords {
  private final JdbcClient jdbc;

  /** On the service's data source. */
  public ForeignRecords(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The place of one. */
  public record Place(String topic, int partition, long offset) {
    @Override
    public String toString() {
      return topic + "-" + partition + "@" + offset;
    }
  }

  /** All that are known of a dataset. */
  public Set<Place> find(String dataset) {
    return new HashSet<>(
        jdbc.sql("select * from registry.foreign_record where dataset = :dataset")
            .param("dataset", dataset)
            .query((row, number) ->
                new Place(
                    row.getString("topic"), row.getInt("partition"), row.getLong("record_offset")))
            .list());
  }

  /** Adds what was found; what is known already stays. */
  public void note(String dataset, List<Place> places) {
    for (Place place : places) {
      jdbc.sql(
              """
              insert into registry.foreign_record (dataset, topic, partition, record_offset)
              values (:dataset, :topic, :partition, :offset) on conflict do nothing
              """)
          .param("dataset", dataset)
          .param("topic", place.topic())
          .param("partition", place.partition())
          .param("offset", place.offset())
          .update();
    }
  }
}
