package io.millrace.simulation;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Counts how often versions or promotions were written, or something into an outbox: what was
 * checked need not be again, and what was relayed neither.
 */
final class WatchedDataSource extends DelegatingDataSource {
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong announced = new AtomicLong();

  /** Connections of another data source. */
  WatchedDataSource(DataSource connections) {
    super(connections);
  }

  /** Grows before a connection that has written versions or promotions is given back. */
  long writes() {
    return writes.get();
  }

  /** Grows before a connection that has written to the outbox is given back. */
  long announced() {
    return announced.get();
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = super.getConnection();
    Set<AtomicLong> wrote = Collections.newSetFromMap(new IdentityHashMap<>());
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, arguments) -> {
              switch (method.getName()) {
                case "prepareStatement" -> writtenBy((String) arguments[0]).ifPresent(wrote::add);
                case "close" -> wrote.forEach(AtomicLong::incrementAndGet);
                default -> {}
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private Optional<AtomicLong> writtenBy(String sql) {
    if (sql.contains("insert into outbox")) {
      return Optional.of(announced);
    }
    boolean seen = sql.contains("registry.model_version") || sql.contains("registry.promotion");
    return seen && !sql.stripLeading().startsWith("select")
        ? Optional.of(writes)
        : Optional.empty();
  }
}
