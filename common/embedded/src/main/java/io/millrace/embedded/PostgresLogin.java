package io.millrace.embedded;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
  private static final String PING_TIMEOUT_SECONDS = "5";

  /** Where JDBC connects, with user and password apart. */
  String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }

  /** To the database that every server has. */
  Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl("postgres"), user, password);
  }

  /**
   * Connects once.
   *
   * @throws SQLException if nobody answers; a server that refuses does answer
   */
  void ping() throws SQLException {
    Properties client = new Properties();
    client.setProperty("user", user);
    client.setProperty("password", password);
    client.setProperty("connectTimeout", PING_TIMEOUT_SECONDS);
    client.setProperty("socketTimeout", PING_TIMEOUT_SECONDS);
    try {
      DriverManager.getConnection(jdbcUrl("postgres"), client).close();
    } catch (SQLException e) {
      String state = e.getSQLState();
      if (state == null || state.startsWith("08")) {
        throw e;
      }
      LOG.debug("PostgreSQL answers: {}", e.getMessage());
    }
  }

  /** Makes a database (UTF-8) unless it exists. */
  void ensureDatabase(String name) {
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
}
