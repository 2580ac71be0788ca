package io.millrace.simulation;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Counts how often something was written to the registry: what was checked need not be again. */
final class WatchedDataSource extends DelegatingDataSource {
  private final AtomicLong writes;

  /**
   * Connections of another data source.
   *
   * @param writes grows before a connection that has written is given back
   */
  WatchedDataSource(DataSource connections, AtomicLong writes) {
    super(connections);
    this.writes = writes;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = super.getConnection();
    boolean[] wrote = new boolean[1];
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, arguments) -> {
              switch (method.getName()) {
                case "prepareStatement" -> wrote[0] |= writesRegistry((String) arguments[0]);
                case "close" -> {
                  if (wrote[0]) {
                    writes.incrementAndGet();
                  }
                }
                default -> {}
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static boolean writesRegistry(String sql) {
    return sql.contains("registry.") && !sql.stripLeading().startsWith("select");
  }
}
