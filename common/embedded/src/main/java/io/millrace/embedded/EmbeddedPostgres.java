package io.millrace.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server on 127.0.0.1 that belongs to this process.
 *
 * <p>Data is kept in its directory between starts. A server that an earlier, killed process left
 * running there is stopped first. The superuser's password is made at the first start and lies in
 * the directory, readable by its owner only. The server's output goes to {@code postgres.log}.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
  private static final String USER = "millrace";
  private static final Pattern DATABASE = Pattern.compile("[a-z][a-z0-9_]{0,62}");
  private static final long MAX_LOG = 8 << 20;
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  private final PostgresProcess programs;
  private final Process server;
  private final DirectoryLock lock;
  private final Path data;
  private final int port;
  private final String password;

  private EmbeddedPostgres(
      PostgresProcess programs,
      Process server,
      DirectoryLock lock,
      Path data,
      int port,
      String password) {
    this.programs = programs;
    this.server = server;
    this.lock = lock;
    this.data = data;
    this.port = port;
    this.password = password;
  }

  /** Starts a server on any free port. */
  public static EmbeddedPostgres start(Path directory) {
    return start(directory, 0);
  }

  /**
   * Starts a server and returns when it answers.
   *
   * @param directory its own, made if it does not exist
   * @param port to listen on; 0: any free one
   * @throws EmbeddedServerException with a one-line reason: the port is busy, the directory is in
   *     use or cannot be written, the server ends at once
   */
  public static EmbeddedPostgres start(Path directory, int port) {
    return start(directory, port, Map.of());
  }

  /**
   * Starts a server with further settings of {@code postgresql.conf}.
   *
   * @param settings e.g. {@code ssl} = {@code on}
   */
  public static EmbeddedPostgres start(Path directory, int port, Map<String, String> settings) {
    Path absolute = directory.toAbsolutePath().normalize();
    return DirectoryLock.starting(
        "PostgreSQL", absolute, lock -> start(absolute, port, settings, lock));
  }

  /** Where JDBC connects, with user and password apart. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }

  /** The superuser. */
  public String user() {
    return USER;
  }

  /** The superuser's password. */
  public String password() {
    return password;
  }

  /** The server's port. */
  public int port() {
    return port;
  }

  /** Makes a database (UTF-8) unless it exists. */
  public void ensureDatabase(String name) {
    if (!DATABASE.matcher(name).matches()) {
      throw new IllegalArgumentException("not a database name: " + name);
    }
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      boolean exists;
      try (ResultSet found =
          statement.executeQuery("select 1 from pg_database where datname = '" + name + "'")) {
        exists = found.next();
      }
      if (!exists) {
        statement.execute("create database " + name);
      }
    } catch (SQLException e) {
      throw new EmbeddedServerException("cannot make database " + name + ": " + e.getMessage(), e);
    }
  }

  /** Stops the server: connections are cut, what was committed is kept. */
  @Override
  public void close() {
    try {
      if (server.isAlive()) {
        stop(programs, data);
        if (!server.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
          server.destroyForcibly();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      server.destroy();
    } finally {
      lock.close();
    }
  }

  private static EmbeddedPostgres start(
      Path directory, int port, Map<String, String> settings, DirectoryLock lock)
      throws IOException {
    Path log = directory.resolve("postgres.log");
    if (Files.exists(log) && Files.size(log) > MAX_LOG) {
      Files.move(log, directory.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
    }
    PostgresProcess programs = new PostgresProcess(PostgresBinaries.directory(), log);
    Path data = directory.resolve("data");
    String password;
    if (Files.exists(data)) {
      stopOrphan(programs, data);
      password = Files.readString(directory.resolve("password"), StandardCharsets.UTF_8);
    } else {
      password = initialise(programs, directory, data);
    }
    int serverPort = Ports.require("PostgreSQL", port);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-D", data.toString(),
                "-c", "port=" + serverPort,
                "-c", "listen_addresses=127.0.0.1",
                "-c", "unix_socket_directories=",
                "-c", "max_connections=100",
                "-c", "shared_buffers=64MB",
                "-c", "timezone=UTC",
                "-c", "log_min_messages=warning"));
    settings.forEach((name, value) -> arguments.addAll(List.of("-c", name + "=" + value)));
    Process server = programs.start("postgres", arguments);
    EmbeddedPostgres started =
        new EmbeddedPostgres(programs, server, lock, data, serverPort, password);
    started.awaitReady();
    return started;
  }

  /** Makes the data directory beside its place and moves it there: it is whole or not there. */
  private static String initialise(PostgresProcess programs, Path directory, Path data)
      throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    Path passwordFile = directory.resolve("password");
    Files.deleteIfExists(passwordFile);
    Files.createFile(
        passwordFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passwordFile, password, StandardCharsets.UTF_8);
    Path unfinished = directory.resolve("data.initialising");
    Directories.delete(unfinished);
    programs.run(
        "initdb",
        List.of(
            "-D",
            unfinished.toString(),
            "-U",
            USER,
            "-E",
            "UTF8",
            "--locale=C",
            "--auth=scram-sha-256",
            "--pwfile=" + passwordFile));
    Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
    return password;
  }

  /** This process has the directory's lock: a server that runs here has lost its owner. */
  private static void stopOrphan(PostgresProcess programs, Path data) throws IOException {
    if (PostgresProcess.running(data).isPresent()) {
      LOG.info("stopping the PostgreSQL server that an earlier process left in {}", data);
      stop(programs, data);
    }
    // Whatever has this process id now, it is not the server: PostgreSQL itself would only look
    // whether there is such a process, and refuse to start.
    Files.deleteIfExists(data.resolve("postmaster.pid"));
  }

  private static void stop(PostgresProcess programs, Path data) {
    programs.run(
        "pg_ctl",
        List.of(
            "stop",
            "-D",
            data.toString(),
            "-m",
            "fast",
            "-w",
            "-t",
            Long.toString(STOP_TIMEOUT.toSeconds())));
  }

  private void awaitReady() {
    long end = System.nanoTime() + START_TIMEOUT.toNanos();
    while (true) {
      try (Connection connection = connect()) {
        if (connection.isValid(5)) {
          return;
        }
      } catch (SQLException notYet) {
        if (!server.isAlive()) {
          throw programs.failure("postgres", server.exitValue());
        }
        if (System.nanoTime() > end) {
          stop(programs, data);
          throw new EmbeddedServerException(
              "PostgreSQL does not answer within " + START_TIMEOUT + ": " + notYet.getMessage(),
              notYet);
        }
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        server.destroy();
        throw new EmbeddedServerException("interrupted while PostgreSQL started", e);
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl("postgres"), USER, password);
  }
}
