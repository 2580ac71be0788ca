package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.served.LaunchedPlatform;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/**
 * Starts {@code ./millrace up} again and again, ended by Ctrl-C and then by {@code kill -9}, and
 * says which files are left outside of its home and its caches. Other programs leave files too: it
 * is for a machine where nothing else runs.
 */
final class StartsBenchmark implements Benchmark {

  private static final int TIMES = 20;

  @Override
  public String name() {
    return "starts";
  }

  @Override
  public String description() {
    return "starts [N]: files that N starts ended by Ctrl-C and N ended by kill -9 leave; default 20";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    int times = arguments.isEmpty() ? TIMES : Integer.parseInt(arguments.getFirst());
    Path directory = Files.createTempDirectory("millrace-starts");
    try {
      // Once before, so that the caches are there.
      start(directory, "INT");
      Set<Path> before = files();
      Rates seconds = new Rates();
      for (String signal : List.of("INT", "KILL")) {
        for (int i = 0; i < times; i++) {
          seconds.add(start(directory, signal));
        }
      }
      // What the last killed one has left in its home, the next deletes.
      start(directory, "INT");
      Set<Path> left = files();
      left.removeAll(before);
      Path own = directory.resolve("home/tmp");
      if (Files.exists(own)) {
        left.add(own);
      }
      out.printf(
          "%d starts ended by Ctrl-C, %d by kill -9; up after %.1f s (%s); files left: %d%n",
          times, times, seconds.median(), seconds.range("%.1f"), left.size());
      if (!left.isEmpty()) {
        throw new IOException("left behind: " + left);
      }
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  /** Where programs leave files: what is there, and in the user's home and cache. */
  private static Set<Path> files() throws IOException {
    Path user = Path.of(System.getProperty("user.home"));
    Set<Path> files = new TreeSet<>();
    for (Path place :
        List.of(
            Path.of("/tmp"),
            Path.of("/var/tmp"),
            Path.of("/dev/shm"),
            Path.of(""),
            user,
            user.resolve(".cache"),
            user.resolve(".cache/JNA/temp"))) {
      if (Files.isDirectory(place)) {
        try (Stream<Path> entries = Files.list(place)) {
          entries.forEach(files::add);
        }
      }
    }
    return files;
  }

  /** Starts it, ends it by a signal when it is up, and returns the seconds until then. */
  private static double start(Path directory, String signal)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    LaunchedPlatform up = LaunchedPlatform.start(directory);
    double seconds = (System.nanoTime() - begin) / 1e9;
    up.end(signal);
    return seconds;
  }
}
