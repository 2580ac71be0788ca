package io.millrace.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed or paused for real. */
@Timeout(300)
class PostgresWatchTest {
  @TempDir private Path directory;

  private final BlockingQueue<String> notices = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

  @Test
  void startsTheServerAgainWithWhatItHas() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
      postgres.watch(Duration.ofMillis(100), notices::add, ends::add);
      execute(postgres, "create table kept as select 'zwölf' as value");

      postgres.process().destroyForcibly();
      assertThat(notices.take()).contains("ended by itself (status 137)");
      awaitAnswer(postgres);
      execute(postgres, "insert into kept values ('dreizehn')");

      signal("STOP", postgres.process().pid());
      // It answers us perhaps before it answers the watch, which waits for its start then.
      assertThat(notices.take())
          .containsAnyOf("ended by itself (status 137)", "does not answer within");
      awaitAnswer(postgres);
      execute(postgres, "delete from kept where value in ('zwölf', 'dreizehn')");
    }
    assertThat(ends).isEmpty();
    assertThat(PostgresProcess.running(directory.resolve("data"))).isEmpty();
  }

  @Test
  void saysWhyItGivesUp() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
      postgres.watch(Duration.ofSeconds(30), notices::add, ends::add);
      Path control = directory.resolve("data/global/pg_control");
      Files.move(control, directory.resolve("pg_control"));

      postgres.process().destroyForcibly();

      assertThat(ends.take())
          .contains("postgres failed with status", "pg_control", "given up after 5 tries");
      assertThat(notices).hasSize(5);
    }
  }

  /** The system takes connections for a server that is paused. */
  @Test
  void doesNotWaitForAServerThatIsSilent() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      PostgresLogin login = new PostgresLogin(silent.getLocalPort(), "millrace", "");

      assertThatThrownBy(login::connect).hasRootCauseInstanceOf(SocketTimeoutException.class);
      assertThatThrownBy(login::ping).hasRootCauseInstanceOf(SocketTimeoutException.class);
    }
  }

  /** A process that is told to end while it starts closes a server that it has yet to watch. */
  @Test
  void doesNotWatchAServerThatWasClosed() {
    EmbeddedPostgres postgres = EmbeddedPostgres.start(directory);
    postgres.close();

    postgres.watch(Duration.ofMillis(100), notices::add, ends::add);

    assertThat(postgres.isWatched()).isFalse();
    assertThat(postgres.process().isAlive()).isFalse();
  }

  @Test
  void killsAServerThatDoesNotStop() throws Exception {
    EmbeddedPostgres postgres = EmbeddedPostgres.start(directory);
    // First, so that it begins no child and misses none that ends.
    signal("STOP", postgres.process().pid());
    List<ProcessHandle> children = postgres.process().descendants().toList();
    for (ProcessHandle child : children) {
      signal("STOP", child.pid());
    }

    postgres.close();

    assertThat(postgres.process().isAlive()).isFalse();
    // Nobody may wait for the children of a killed server: they run no program any more.
    assertThat(children).allMatch(child -> child.info().command().isEmpty());
    EmbeddedPostgres.start(directory).close();
  }

  private static void signal(String name, long process) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process)).start();
    assertThat(kill.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }

  private static void awaitAnswer(EmbeddedPostgres postgres) throws InterruptedException {
    while (true) {
      try {
        postgres.ping();
        execute(postgres, "select 1");
        return;
      } catch (SQLException notYet) {
        Thread.sleep(50);
      }
    }
  }

  private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection =
        DriverManager.getConnection(
            postgres.jdbcUrl("postgres"), postgres.user(), postgres.password())) {
      connection.createStatement().execute(sql);
    }
  }
}
