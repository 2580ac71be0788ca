package io.millrace.platform.registry;

import io.millrace.testing.TestServers;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A database of its own with an empty registry. */
record RegistryDatabase(JdbcClient jdbc, TransactionTemplate transactions) {

  static RegistryDatabase fresh() {
    TestServers.Database database = TestServers.freshDatabase();
    DriverManagerDataSource data =
        new DriverManagerDataSource(database.url(), database.user(), database.password());
    Flyway.configure()
        .dataSource(data)
        .locations("classpath:db/millrace/registry")
        .defaultSchema("registry")
        .createSchemas(true)
        .load()
        .migrate();
    return new RegistryDatabase(
        JdbcClient.create(data), new TransactionTemplate(new JdbcTransactionManager(data)));
  }
}
