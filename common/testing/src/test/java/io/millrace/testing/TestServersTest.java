package io.millrace.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class TestServersTest {

  @Test
  void givesEveryTestADatabaseOfItsOwn() throws Exception {
    TestServers.Database first = TestServers.freshDatabase();
    TestServers.Database second = TestServers.freshDatabase();

    try (var connection =
        DriverManager.getConnection(first.url(), first.user(), first.password())) {
      connection.createStatement().execute("create table only_here (id int)");
    }
    try (var connection =
            DriverManager.getConnection(second.url(), second.user(), second.password());
        var tables =
            connection
                .createStatement()
                .executeQuery("select 1 from pg_tables where tablename = 'only_here'")) {
      assertThat(tables.next()).isFalse();
    }
  }

  @Test
  void startsTheBrokerOnce() throws Exception {
    assertThat(TestServers.kafka()).isSameAs(TestServers.kafka());
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", TestServers.kafka().bootstrapServers()))) {
      assertThat(admin.describeCluster().nodes().get(60, TimeUnit.SECONDS)).hasSize(1);
    }
  }
}
