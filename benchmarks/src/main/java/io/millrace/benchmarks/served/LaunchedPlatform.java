package io.millrace.benchmarks.served;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/** {@code ./millrace up} on the same home and ports, life after life. */
public final class LaunchedPlatform implements AutoCloseable {
  private static final long LIMIT_SECONDS = 300;

  // None that the system gives to connections while the platform is dead.
  private static final int PORT = 18_086;
  private static final int GRPC_PORT = 18_087;
  private static final int KAFKA_PORT = 18_088;

  private final Path home;
  private final Path output;
  private final @Nullable Path temporary;
  private Process process;

  private LaunchedPlatform(Path directory, @Nullable Path temporary)
      throws IOException, InterruptedException {
    this.home = directory.resolve("home");
    this.output = directory.resolve("output");
    this.temporary = temporary;
    this.process = begin();
  }

  /** Returns when it is up. */
  public static LaunchedPlatform start(Path directory) throws IOException, InterruptedException {
    return new LaunchedPlatform(directory, /* temporary= */ null);
  }

  /** The same in a directory of its own, which is deleted once the platform is closed. */
  public static LaunchedPlatform temporary(String name) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("millrace-" + name);
    try {
      return new LaunchedPlatform(directory, directory);
    } catch (IOException | InterruptedException | RuntimeException e) {
      FileSystemUtils.deleteRecursively(directory);
      throw e;
    }
  }

  /** A client with the administrator's key. */
  public ServedPlatform client() throws IOException {
    return new ServedPlatform(address(), apiKey());
  }

  /** Of its gateway. */
  public URI address() {
    return URI.create("http://127.0.0.1:" + PORT);
  }

  /** The administrator's key. */
  public String apiKey() throws IOException {
    return Files.readString(home.resolve("api-key")).strip();
  }

  /** Servers for producers of one's own. */
  public String kafka() {
    return "127.0.0.1:" + KAFKA_PORT;
  }

  /** Settings of producers of one's own. */
  public Path producerSettings() {
    return home.resolve("producer.properties");
  }

  /** Where checkpoints lie. */
  public Path objects() {
    return home.resolve("objects");
  }

  /** The process of the platform, of which PostgreSQL is a child. */
  public long pid() {
    return process.pid();
  }

  /** Kills it and starts it again; the seconds until it is up. */
  public double killAndStart() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    long begin = System.nanoTime();
    process = begin();
    return (System.nanoTime() - begin) / 1e9;
  }

  /**
   * Ends it for good by a signal of this name.
   *
   * @throws IOException if it does not end
   */
  public void end(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(pid())).inheritIO().start().waitFor();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("does not end on " + signal + ": " + Files.readString(output));
    }
  }

  private Process begin() throws IOException, InterruptedException {
    Path launcher = Path.of(System.getProperty("millrace.benchmarks")).resolveSibling("millrace");
    List<String> command =
        List.of(
            launcher.toString(),
            "up",
            "--home",
            home.toString(),
            "--port",
            "" + PORT,
            "--grpc-port",
            "" + GRPC_PORT,
            "--kafka-port",
            "" + KAFKA_PORT,
            "--device",
            "cpu");
    Process begun =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    long end = System.nanoTime() + LIMIT_SECONDS * 1_000_000_000L;
    while (!Files.readString(output).contains("Millrace is up")) {
      if (!begun.isAlive() || System.nanoTime() > end) {
        begun.destroyForcibly();
        throw new IOException("not up: " + Files.readString(output));
      }
      Thread.sleep(20);
    }
    return begun;
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the platform stops", e);
    } finally {
      FileSystemUtils.deleteRecursively(temporary);
    }
  }
}
