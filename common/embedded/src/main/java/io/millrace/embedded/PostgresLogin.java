package io.millrace.embedded;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the superuser reaches a server on 127.0.0.1.
 *
 * @param port of the server
 * @param user the superuser
 * @param password the superuser's
 */
record PostgresLogin(int port, String user, String password) {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresLogin.class);
  private static final Pattern DATABASE = Pattern.compile("[a-z][a-z0-9_]{0,62}");
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration WORK = Duration.ofSeconds(60);

  /** Where JDBC connects, with user and password apart. */
  String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }

  /**
   * To the database that every server has.
   *
   * @throws SQLException if the server does not let anybody in, or is silent for seconds
   */
  Connection connect() throws SQLException {
    return connect(ANSWER);
  }

  /**
   * Connects once.
   *
   * @throws SQLException if nobody answers; a server that refuses does answer
   */
  void ping() throws SQLException {
    try {
      connect().close();
    } catch (SQLException e) {
      String state = e.getSQLState();
      if (state == null || state.startsWith("08")) {
        throw e;
      }
      LOG.debug("PostgreSQL answers: {}", e.getMessage());
    }
  }

  /** The system takes connections for a server that is paused: no read may wait for ever. */
  private Connection connect(Duration silence) throws SQLException {
    Properties client = new Properties();
    client.setProperty("user", user);
    client.setProperty("password", password);
    client.setProperty("connectTimeout", Long.toString(ANSWER.toSeconds()));
    client.setProperty("socketTimeout", Long.toString(silence.toSeconds()));
    // Nobody listens in on the loopback address, and a silent server would be asked twice.
    client.setProperty("sslmode", "disable");
    return DriverManager.getConnection(jdbcUrl("postgres"), client);
  }

  /** Makes a database (UTF-8) unless it exists. */
  void ensureDatabase(String name) {
    if (!DATABASE.matcher(name).matches()) {
      throw new IllegalArgumentException("not a database name: " + name);
    }
    try (Connection connection = connect(WORK);
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
}
