package io.millrace.platform.registry;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Migrates, before the service's own schema, the shared schema {@code registry} and the outbox
 * table in the service's schema; each has a history of its own.
 */
@Configuration(proxyBeanMethods = false)
public class MigrationConfiguration {
  private static final long MIGRATION_LOCK = 0x4d494c4c52414345L;

  @Bean
  FlywayMigrationStrategy migrationStrategy() {
    return service -> {
      DataSource dataSource = service.getConfiguration().getDataSource();
      // Services start together, and "create schema if not exists" is not safe against itself.
      try (Connection connection = connect(dataSource);
          Statement statement = connection.createStatement()) {
        statement.execute("select pg_advisory_lock(" + MIGRATION_LOCK + ")");
        try {
          migrate(dataSource, "registry", "classpath:db/millrace/registry", "registry_history");
          service.migrate();
          migrate(
              dataSource,
              service.getConfiguration().getDefaultSchema(),
              "classpath:db/millrace/outbox",
              "outbox_history");
        } finally {
          statement.execute("select pg_advisory_unlock(" + MIGRATION_LOCK + ")");
        }
      } catch (SQLException e) {
        throw new IllegalStateException("cannot migrate the database: " + e.getMessage(), e);
      }
    };
  }

  /**
   * The first connection of all: what is wrong with the settings shows here. The pool waits for a
   * database that is not up yet; a certificate or password that is wrong stays wrong.
   */
  private static Connection connect(DataSource dataSource) {
    try {
      if (dataSource.isWrapperFor(HikariDataSource.class)) {
        requireNoRefusal(dataSource.unwrap(HikariDataSource.class));
      }
      return dataSource.getConnection();
    } catch (SQLException | HikariPool.PoolInitializationException e) {
      throw DatabaseFaults.atStart(e);
    }
  }

  private static void requireNoRefusal(HikariDataSource pool) {
    // With the pool's limits: a server that is silent must not hold the start for ever.
    Properties client = new Properties();
    client.putAll(pool.getDataSourceProperties());
    if (pool.getUsername() != null) {
      client.setProperty("user", pool.getUsername());
    }
    if (pool.getPassword() != null) {
      client.setProperty("password", pool.getPassword());
    }
    try {
      DriverManager.getConnection(pool.getJdbcUrl(), client).close();
    } catch (SQLException e) {
      if (DatabaseFaults.isRefusal(e)) {
        throw DatabaseFaults.atStart(e);
      }
    }
  }

  private static void migrate(DataSource dataSource, String schema, String location, String table) {
    Flyway.configure()
        .dataSource(dataSource)
        .locations(location)
        .defaultSchema(schema)
        .createSchemas(true)
        .table(table)
        // The schema holds the service's tables already; the outbox begins with its version 1.
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .load()
        .migrate();
  }
}
