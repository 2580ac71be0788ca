package io.millrace.data.prepare;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which datasets this process prepares: advisory locks of PostgreSQL, held by one connection.
 *
 * <p>They spread work over replicas and are free again as soon as a process dies. They need not be
 * safe: should two processes believe that they own a dataset, Kafka fences the older one. One
 * thread at a time.
 */
final class DatasetLocks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetLocks.class);
  private static final int VALIDATION_SECONDS = 5;

  private final DataSource dataSource;
  private final Set<String> held = new HashSet<>();
  private @Nullable Connection connection;

  DatasetLocks(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** Whether the lock is held by this process now, or could be had. */
  boolean tryHold(String dataset) throws SQLException {
    Connection live = live();
    if (held.contains(dataset)) {
      return true;
    }
    if (call(live, "select pg_try_advisory_lock(hashtextextended(?, 0))", dataset)) {
      held.add(dataset);
      return true;
    }
    return false;
  }

  /** Gives a lock back. */
  void release(String dataset) throws SQLException {
    Connection live = live();
    if (held.remove(dataset)) {
      call(live, "select pg_advisory_unlock(hashtextextended(?, 0))", dataset);
    }
  }

  @Override
  public void close() {
    drop();
  }

  private Connection live() throws SQLException {
    Connection current = connection;
    if (current != null && current.isValid(VALIDATION_SECONDS)) {
      return current;
    }
    if (current != null) {
      LOG.warn("The connection that held the locks of {} is gone", held);
      drop();
    }
    Connection opened = dataSource.getConnection();
    connection = opened;
    return opened;
  }

  private void drop() {
    held.clear();
    Connection current = connection;
    connection = null;
    if (current != null) {
      try {
        // A pooled connection goes on living: it must not take the locks with it.
        if (current.isValid(VALIDATION_SECONDS)) {
          current.createStatement().execute("select pg_advisory_unlock_all()");
        }
        current.close();
      } catch (SQLException e) {
        LOG.warn("Cannot give the locks back: {}", e.toString());
      }
    }
  }

  private static boolean call(Connection connection, String sql, String dataset)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, "millrace.data.prepare/" + dataset);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getBoolean(1);
      }
    }
  }
}
