package io.millrace.training.run;

import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.RetentionJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Rows of the table {@code run}, some of whose columns are JSON. */
public final class RunRows {
  private static final TypeReference<Map<String, Object>> OPTIONS = new TypeReference<>() {};
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RunRows() {}

  /** What a column of JSON keeps of a value. */
  static @Nullable String json(@Nullable Object value) {
    return value == null ? null : JSON.writeValueAsString(value);
  }

  /** Reads a row with all columns of {@code run}. */
  public static Run read(ResultSet row, int number) throws SQLException {
    Timestamp finished = row.getTimestamp("finished_at");
    String from = row.getString("from_model");
    return new Run(
        row.getString("id"),
        new RunRequest(
            row.getString("model"),
            row.getString("task"),
            row.getString("dataset"),
            row.getInt("snapshot"),
            row.getString("preset"),
            row.getLong("steps"),
            row.getInt("batch_size"),
            row.getDouble("learning_rate"),
            Schedule.of(row.getString("schedule")),
            row.getLong("checkpoint_every"),
            row.getBoolean("checkpoint_at_start"),
            row.getLong("seed"),
            from == null ? null : new ModelRef(from, row.getInt("from_version")),
            to(row.getString("policy"), PolicyJson.class),
            to(row.getString("retention"), RetentionJson.class),
            JSON.readValue(row.getString("options"), OPTIONS)),
        List.of((String[]) row.getArray("warnings").getArray()),
        RunState.valueOf(row.getString("state")),
        row.getString("error"),
        row.getBoolean("cancel_requested"),
        row.getBoolean("pause_requested"),
        JSON.readValue(row.getString("progress"), Progress.class),
        row.getInt("attempts"),
        row.getInt("stalled_attempts"),
        row.getLong("fencing_token"),
        row.getString("owner"),
        row.getLong("revision"),
        row.getTimestamp("created_at").toInstant(),
        finished == null ? null : finished.toInstant(),
        row.getString("traceparent"));
  }

  private static <T> @Nullable T to(@Nullable String column, Class<T> type) {
    return column == null ? null : JSON.readValue(column, type);
  }
}
