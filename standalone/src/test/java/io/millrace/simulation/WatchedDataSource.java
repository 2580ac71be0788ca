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
 * Counts how often something was written to the registry or into an outbox: what was checked need
 * not be again, and what was relayed neither.
 */
final class WatchedDataSource extends DelegatingDataSource {
  private final AtomicLong writes;
  private final AtomicLong announced;

  /**
   * Connections of another data source.
   *
   * @param writes grows before a connection that has written to the registry is given back
   * @param announced grows before a connection that has written to the outbox is given back
   */
  WatchedDataSource(DataSource connections, AtomicLong writes, AtomicLong announced) {
    super(connections);
    this.writes = writes;
    this.announced = announced;
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
    boolean registry = sql.contains("registry.") && !sql.stripLeading().startsWith("select");
    return registry ? Optional.of(writes) : Optional.empty();
  }
}
