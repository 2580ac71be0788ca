package io.millrace.embedded;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs PostgreSQL's programs, also as root: PostgreSQL refuses to run as root, so it is put into a
 * user namespace of its own, in which it is nobody.
 *
 * <p>They get a session of their own, where there is {@code setsid}: Ctrl-C in a terminal goes to
 * every process of the foreground group, and the server must outlive those who still write to it.
 */
final class PostgresProcess {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresProcess.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** What this process has started and what runs still. */
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  /** Whether this process is about to end, and starts nothing that would outlive it. */
  private static boolean ending;

  private final Path bin;
  private final Path log;
  private final List<String> prefix;

  PostgresProcess(Path installation, Path log) {
    this.bin = installation.resolve("bin");
    this.log = log;
    this.prefix = prefix();
  }

  /** Starts a program that goes on running; its output goes to the log. */
  Process start(String program, List<String> arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(bin.resolve(program).toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("LC_ALL", "C");
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    try {
      Process process = startUnlessEnding(builder);
      process.onExit().thenAccept(RUNNING::remove);
      return process;
    } catch (IOException e) {
      throw new EmbeddedServerException("cannot run " + command.getFirst() + ": " + e, e);
    }
  }

  /**
   * Runs a program to its end.
   *
   * @throws EmbeddedServerException with the last lines of its output if it fails
   */
  void run(String program, List<String> arguments) {
    Process process = start(program, arguments);
    try {
      if (!process.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new EmbeddedServerException(program + " did not end within " + TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      throw new EmbeddedServerException(program + " was interrupted", e);
    }
    if (process.exitValue() != 0) {
      throw failure(program, process.exitValue());
    }
  }

  /**
   * Sends a server the signal to stop fast, SIGINT.
   *
   * @return whether it has ended within the time
   */
  boolean interrupt(Process server, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Process signal = start("pg_ctl", List.of("kill", "INT", Long.toString(server.pid())));
    try {
      return server.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      signal.destroyForcibly();
    }
  }

  /** Kills processes and waits until they have ended, for some time at most. */
  static void kill(List<ProcessHandle> processes, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    processes.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle process : processes) {
      try {
        process.onExit().get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (ExecutionException | TimeoutException e) {
        LOG.warn("process {} does not end: {}", process.pid(), e.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static Process startUnlessEnding(ProcessBuilder builder) throws IOException {
    synchronized (RUNNING) {
      if (ending) {
        throw new EmbeddedServerException("PostgreSQL is not started: this process ends");
      }
      Process process = builder.start();
      RUNNING.add(process);
      return process;
    }
  }

  /** Kills everything that this process has started, without waiting; nothing starts any more. */
  static void killAll() {
    synchronized (RUNNING) {
      ending = true;
      for (Process process : RUNNING) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
      }
    }
  }

  /** Whether a server that has ended was killed for that. */
  static boolean isEnding() {
    synchronized (RUNNING) {
      return ending;
    }
  }

  /** The failure of a program, with the end of its log, and a hint where root is the reason. */
  EmbeddedServerException failure(String program, int status) {
    String tail = tail();
    String hint =
        isRoot() && tail.contains("unshare")
            ? "; user namespaces are not permitted here, run as another user than root"
            : "";
    return new EmbeddedServerException(
        program + " failed with status " + status + ": " + tail + hint + " (log: " + log + ")");
  }

  /** The process of this data directory's {@code postmaster.pid}, if it runs and is PostgreSQL. */
  static Optional<ProcessHandle> running(Path data) throws IOException {
    Path file = data.resolve("postmaster.pid");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    if (lines.size() < 2 || !lines.get(0).strip().matches("\\d{1,10}")) {
      return Optional.empty();
    }
    return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
        .filter(ProcessHandle::isAlive)
        .filter(process -> isPostmaster(process, data));
  }

  /** Whether the process is the server of this data directory: process ids are used again. */
  private static boolean isPostmaster(ProcessHandle process, Path data) {
    List<String> arguments = process.info().arguments().map(Arrays::asList).orElseGet(List::of);
    int directory = arguments.indexOf("-D");
    return process.info().command().orElse("").endsWith("postgres")
        && directory >= 0
        && directory + 1 < arguments.size()
        && arguments.get(directory + 1).equals(data.toString());
  }

  private static List<String> prefix() {
    List<String> prefix = new ArrayList<>();
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    if (Stream.of(path.split(File.pathSeparator)).anyMatch(PostgresProcess::hasSetsid)) {
      prefix.add("setsid");
    }
    if (isRoot()) {
      prefix.addAll(List.of("unshare", "-U"));
    }
    return List.copyOf(prefix);
  }

  private static boolean hasSetsid(String directory) {
    return !directory.isEmpty() && Files.isExecutable(Path.of(directory, "setsid"));
  }

  /** Whether this process has the user id 0, whatever its name: that is what PostgreSQL asks. */
  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException | UnsupportedOperationException noLinux) {
      return "root".equals(System.getProperty("user.name"));
    }
  }

  private String tail() {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
      return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    } catch (IOException e) {
      return "no log (" + e + ")";
    }
  }
}
