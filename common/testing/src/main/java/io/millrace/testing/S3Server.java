package io.millrace.testing;

import io.millrace.embedded.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A server that speaks S3 (S3Proxy on a directory), in a process of its own: it verifies
 * signatures, creates objects under a condition and takes uploads in parts. It asks for paths, not
 * for hosts with the bucket's name.
 */
public final class S3Server implements AutoCloseable {
  /** The only key that it knows. */
  public static final String ACCESS_KEY = "test-access-key";

  /** What belongs to the key. */
  public static final String SECRET_KEY = "test-secret-key";

  private final Process process;
  private final Path data;
  private final int port;

  private S3Server(Process process, Path data, int port) {
    this.process = process;
    this.data = data;
    this.port = port;
  }

  /** Starts a server and returns when it answers. */
  static S3Server start(Path directory) {
    try {
      Path data = Files.createDirectories(directory.resolve("data"));
      Path jar = directory.resolve("s3proxy.jar");
      try (InputStream in =
          Objects.requireNonNull(S3Server.class.getResourceAsStream("s3proxy.jar"))) {
        Files.copy(in, jar, StandardCopyOption.REPLACE_EXISTING);
      }
      int port = Ports.free();
      Path settings = directory.resolve("s3proxy.properties");
      write(settings, data, port);
      Path log = directory.resolve("s3proxy.log");
      Process process =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElse("java"),
                  "-Xmx128m",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-jar",
                  jar.toString(),
                  "--properties",
                  settings.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      S3Server server = new S3Server(process, data, port);
      server.awaitReady(log);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its address. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Makes a bucket. */
  public void makeBucket(String name) {
    try {
      Files.createDirectory(data.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the server keeps an object: for tests that damage it. */
  public Path file(String bucket, String path) {
    return data.resolve(bucket).resolve(path);
  }

  /** The settings of a service that keeps its objects in a bucket of this server. */
  public Map<String, Object> properties(String bucket, Path cache) {
    return Map.of(
        "millrace.objects.kind",
        "s3",
        "millrace.objects.s3.bucket",
        bucket,
        "millrace.objects.s3.endpoint",
        endpoint().toString(),
        "millrace.objects.s3.path-style",
        "true",
        "millrace.objects.s3.cache",
        cache.toString());
  }

  /** The credentials as system properties, where the SDK's standard chain looks first. */
  public static Map<String, String> credentials() {
    return Map.of("aws.accessKeyId", ACCESS_KEY, "aws.secretAccessKey", SECRET_KEY);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }

  private static void write(Path file, Path data, int port) throws IOException {
    Properties settings = new Properties();
    settings.setProperty("s3proxy.endpoint", "http://127.0.0.1:" + port);
    settings.setProperty("s3proxy.authorization", "aws-v4");
    settings.setProperty("s3proxy.identity", ACCESS_KEY);
    settings.setProperty("s3proxy.credential", SECRET_KEY);
    settings.setProperty("jclouds.provider", "filesystem-nio2");
    settings.setProperty("jclouds.filesystem.basedir", data.toString());
    try (var out = Files.newBufferedWriter(file)) {
      settings.store(out, null);
    }
  }

  private void awaitReady(Path log) throws IOException {
    long end = System.nanoTime() + 180_000_000_000L;
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
        return;
      } catch (IOException notYet) {
        if (!process.isAlive() || System.nanoTime() > end) {
          close();
          try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.toList();
            throw new IllegalStateException("the S3 server does not start: " + all, notYet);
          }
        }
      }
      LockSupport.parkNanos(50_000_000);
    }
  }
}
