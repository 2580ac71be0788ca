package io.millrace.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a PostgreSQL server keeps, and that no other server works on it.
 *
 * @param directory with the data
 * @param password of the superuser
 */
record PostgresData(Path directory, String password) {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresData.class);
  private static final Duration ORPHAN_TIMEOUT = Duration.ofSeconds(30);

  /**
   * Makes it at the first start; later stops the server that an earlier, killed process left. The
   * caller has the lock of the directory.
   *
   * @param user name of the superuser
   */
  static PostgresData open(PostgresProcess programs, Path directory, String user)
      throws IOException {
    Path data = directory.resolve("data");
    Path passwordFile = directory.resolve("password");
    if (!Files.exists(data)) {
      return new PostgresData(data, initialise(programs, passwordFile, data, user));
    }
    stopOrphan(programs, data);
    return new PostgresData(data, Files.readString(passwordFile, StandardCharsets.UTF_8));
  }

  /** Makes the directory beside its place and moves it there: it is whole or not there. */
  private static String initialise(
      PostgresProcess programs, Path passwordFile, Path data, String user) throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    Files.deleteIfExists(passwordFile);
    Files.createFile(
        passwordFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passwordFile, password, StandardCharsets.UTF_8);
    Path unfinished = data.resolveSibling("data.initialising");
    Directories.delete(unfinished);
    programs.run(
        "initdb",
        List.of(
            "-D",
            unfinished.toString(),
            "-U",
            user,
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
    Optional<ProcessHandle> orphan = PostgresProcess.running(data);
    if (orphan.isPresent()) {
      LOG.info("stopping the PostgreSQL server that an earlier process left in {}", data);
      stop(programs, data, orphan.get());
    }
    // Whatever has this process id now, it is not the server: PostgreSQL itself would only look
    // whether there is such a process, and refuse to start.
    Files.deleteIfExists(data.resolve("postmaster.pid"));
  }

  private static void stop(PostgresProcess programs, Path data, ProcessHandle orphan) {
    List<ProcessHandle> processes = orphan.descendants().toList();
    try {
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
              Long.toString(ORPHAN_TIMEOUT.toSeconds())));
    } catch (EmbeddedServerException e) {
      LOG.warn("the earlier PostgreSQL server does not stop and is killed: {}", e.getMessage());
      PostgresProcess.kill(List.of(orphan), ORPHAN_TIMEOUT);
      PostgresProcess.kill(processes, ORPHAN_TIMEOUT);
    }
  }
}
