package io.millrace.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.testing.TestCertificates;
import io.millrace.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.util.Throwables;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A real PostgreSQL with a certificate, and {@code verify-full}. */
class DatabaseTlsTest {
  private static final String DATABASE = "secured";

  @TempDir static Path directory;

  private static TestCertificates certificates;
  private static EmbeddedPostgres postgres;

  @BeforeAll
  static void start() throws Exception {
    certificates = new TestCertificates(Files.createDirectory(directory.resolve("own")), "Ours");
    TestCertificates.Identity server = certificates.server();
    postgres =
        EmbeddedPostgres.start(
            directory.resolve("postgres"),
            0,
            Map.of(
                "ssl", "on",
                "ssl_cert_file", server.certificate().toString(),
                "ssl_key_file", server.key().toString()));
    postgres.ensureDatabase(DATABASE);
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @Test
  void migratesOverAVerifiedConnection() {
    try (HikariDataSource database = database(verifying(certificates.ca()), postgres.password())) {
      migrate(database);
      assertThat(
              JdbcClient.create(database)
                  .sql("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
                  .query(Boolean.class)
                  .single())
          .isTrue();
    }
  }

  @Test
  void namesTheAuthorityThatIsAnother() throws Exception {
    Path others = Files.createDirectory(directory.resolve("others"));
    refuses(
        verifying(new TestCertificates(others, "Others").ca()),
        postgres.password(),
        "sslrootcert in spring.datasource.url");
  }

  @Test
  void namesTheFileThatIsNotThere() {
    refuses(
        verifying(Path.of("/no/such/ca.pem")),
        postgres.password(),
        "/no/such/ca.pem",
        "sslrootcert",
        "spring.datasource.url");
  }

  @Test
  void namesTheHostThatIsAnother() {
    // The certificate names localhost and 127.0.0.1, but no other address of this machine.
    refuses(
        verifying(certificates.ca()).replace("127.0.0.1", "0.0.0.0"),
        postgres.password(),
        "for another host than spring.datasource.url names");
  }

  @Test
  void namesTheServerThatHasNoCertificate() {
    TestServers.Database plain = TestServers.freshDatabase();
    refuses(
        plain.url() + "?sslmode=verify-full&sslrootcert=" + certificates.ca(),
        plain.password(),
        "does not support SSL",
        "sslmode in spring.datasource.url");
  }

  @Test
  void namesThePasswordThatIsWrong() {
    refuses(
        verifying(certificates.ca()),
        "wrong-password",
        "spring.datasource.username",
        "spring.datasource.password");
  }

  @Test
  void namesTheDatabaseThatIsNotThere() {
    refuses(
        verifying(certificates.ca()).replace(DATABASE, "nowhere"),
        postgres.password(),
        "nowhere",
        "spring.datasource.url");
  }

  private static void refuses(String url, String password, String... parts) {
    assertThatThrownBy(
            () -> {
              try (HikariDataSource database = database(url, password)) {
                migrate(database);
              }
            })
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContainingAll(parts)
        .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain(password));
  }

  private static void migrate(HikariDataSource database) {
    new MigrationConfiguration()
        .migrationStrategy()
        .migrate(
            Flyway.configure()
                .dataSource(database)
                .defaultSchema("service")
                .locations("classpath:db/millrace/registry")
                .load());
  }

  private static String verifying(Path ca) {
    return postgres.jdbcUrl(DATABASE) + "?sslmode=verify-full&sslrootcert=" + ca;
  }

  private static HikariDataSource database(String url, String password) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(postgres.user());
    config.setPassword(password);
    config.setMaximumPoolSize(4);
    config.setMinimumIdle(0);
    // As in services, which wait for a database that is not up yet.
    config.setInitializationFailTimeout(10_000);
    HikariDataSource database = new HikariDataSource();
    config.copyStateTo(database);
    return database;
  }
}
