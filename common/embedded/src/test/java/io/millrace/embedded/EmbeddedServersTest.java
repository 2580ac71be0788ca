package io.millrace.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class EmbeddedServersTest {
  @TempDir private Path directory;

  @Test
  void areNotStartedAgainByAProcessThatEnds() throws Exception {
    Process owner = run(EndingProcess.class);

    assertThat(owner.waitFor()).as(this::output).isZero();
    assertThat(output())
        .contains("PostgreSQL is not started: this process ends")
        .doesNotContain("again");
    assertThat(PostgresProcess.running(directory.resolve("postgres/data"))).isEmpty();
  }

  @Test
  void keepTheirDataWhenTheirProcessIsKilled() throws Exception {
    Process owner = run(ServersProcess.class);
    while (!Files.exists(directory.resolve("ready"))) {
      assertThat(owner.isAlive()).as(this::output).isTrue();
      Thread.sleep(50);
    }
    int orphanPort = Integer.parseInt(Files.readString(directory.resolve("ready")));
    Path data = directory.resolve("postgres/data");
    ProcessHandle postmaster = PostgresProcess.running(data).orElseThrow();

    assertThatThrownBy(() -> EmbeddedPostgres.start(directory.resolve("postgres")))
        .isInstanceOf(EmbeddedServerException.class)
        .hasMessageContaining("in use by another running process");
    assertThat(postmaster.isAlive()).isTrue();
    owner.destroyForcibly().waitFor();
    assertThat(postmaster.info().command()).as("the server outlives its owner").isPresent();

    // The orphan's own port: it must have gone before the new server starts.
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.start(directory.resolve("postgres"), orphanPort)) {
      // A zombie if nobody waits for it, which counts as alive; but it runs no program any more.
      assertThat(postmaster.info().command()).isEmpty();
      assertThat(kept(postgres)).isEqualTo("zwölf");
    }
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0)) {
      assertThat(records(kafka)).hasSize(100).first().isEqualTo("record 0");
    }
    assertThat(PostgresProcess.running(data)).isEmpty();
  }

  @Test
  void tellsTheOwnerWhenKafkaCannotGoOn() throws Exception {
    Process owner = run(LostDiskProcess.class);

    assertThat(owner.waitFor()).as(this::output).isEqualTo(LostDiskProcess.STATUS);
    assertThat(output().lines().filter(line -> line.startsWith("told: ")))
        .singleElement()
        .asString()
        .contains(directory.resolve("kafka").toString());
    assertThat(PostgresProcess.running(directory.resolve("postgres/data"))).isEmpty();
  }

  @Test
  void giveTheLockBackWhateverKeepsThemFromStarting() {
    List<DirectoryLock.Start<String>> failures =
        List.of(
            lock -> {
              throw new NoClassDefFoundError("gone");
            },
            lock -> {
              throw new IOException("gone");
            },
            lock -> {
              throw new IllegalStateException("gone");
            });
    for (DirectoryLock.Start<String> failure : failures) {
      assertThatThrownBy(() -> DirectoryLock.starting("it", directory, failure))
          .hasMessageContaining("gone");
    }

    DirectoryLock.take(directory).close();
  }

  @Test
  void askForTheUserIdNotForItsName() {
    String name = System.getProperty("user.name");
    System.setProperty("user.name", "root".equals(name) ? "toor" : "root");
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"))) {
      assertThat(postgres.port()).isPositive();
    } finally {
      System.setProperty("user.name", name);
    }
  }

  @Test
  void startsOverAStalePidFileOfAnotherProcess() throws Exception {
    Path postgres = directory.resolve("postgres");
    EmbeddedPostgres.start(postgres).close();
    Path data = postgres.resolve("data");
    // The number belongs to a process that lives, but is no server of this directory: this one.
    Files.writeString(
        data.resolve("postmaster.pid"),
        ProcessHandle.current().pid() + "\n" + data + "\n1\n5432\n\n127.0.0.1\n");

    try (EmbeddedPostgres started = EmbeddedPostgres.start(postgres)) {
      ProcessHandle server = PostgresProcess.running(data).orElseThrow();
      assertThat(session(server))
          .as("Ctrl-C reaches it")
          .isNotEqualTo(session(ProcessHandle.current()));
      assertThat(started.port()).isPositive();
    }
    assertThat(ProcessHandle.current().isAlive()).isTrue();
  }

  /** Its session, the sixth field of Linux's {@code stat}; the name before it has brackets. */
  private static String session(ProcessHandle process) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3];
  }

  @Test
  void sayThatAPortIsBusy() throws IOException {
    try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = busy.getLocalPort();
      assertThatThrownBy(() -> EmbeddedKafka.start(directory.resolve("kafka"), port))
          .isInstanceOf(EmbeddedServerException.class)
          .hasMessageContaining("port " + port + " for Kafka is busy");
      assertThatThrownBy(() -> EmbeddedPostgres.start(directory.resolve("postgres"), port))
          .isInstanceOf(EmbeddedServerException.class)
          .hasMessageContaining("port " + port + " for PostgreSQL is busy");
    }
  }

  @Test
  void sayThatADirectoryCannotBeUsed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");

    assertThatThrownBy(() -> EmbeddedKafka.start(file.resolve("kafka"), 0))
        .isInstanceOf(EmbeddedServerException.class)
        .hasMessageContaining("cannot write to");
  }

  @Test
  void answerOnTheLoopbackAddressOnlyAndAskForThePassword() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"))) {
      assertThatThrownBy(() ->
              DriverManager.getConnection(postgres.jdbcUrl("postgres"), postgres.user(), "guess"))
          .hasMessageContaining("password authentication failed");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(directory.resolve("postgres/password"))))
          .isEqualTo("rw-------");
      InetAddress other = InetAddress.getByName("127.0.0.2");
      assertThatThrownBy(
              () -> {
                try (Socket socket = new Socket()) {
                  socket.connect(new InetSocketAddress(other, postgres.port()), 1000);
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void makesAClusterWhoseTransactionsCannotBeTorn() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      assertThat(admin.describeFeatures().featureMetadata().get().finalizedFeatures())
          .hasEntrySatisfying(
              "transaction.version",
              version -> assertThat(version.maxVersionLevel()).isGreaterThanOrEqualTo((short) 2));
    }
  }

  private Process run(Class<?> owner) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            owner.getName(),
            directory.toString())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("owner.log").toFile())
        .start();
  }

  private String output() {
    return read(directory.resolve("owner.log"));
  }

  private static String kept(EmbeddedPostgres postgres) throws Exception {
    try (Connection connection =
            DriverManager.getConnection(
                postgres.jdbcUrl("millrace"), postgres.user(), postgres.password());
        ResultSet rows = connection.createStatement().executeQuery("select value from kept")) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private static List<String> records(EmbeddedKafka kafka) {
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringDeserializer(),
            new StringDeserializer())) {
      List<TopicPartition> partitions = List.of(new TopicPartition("kept", 0));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (values.size() < 100 && System.nanoTime() < end) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
          values.add(record.value());
        }
      }
    }
    return values;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
