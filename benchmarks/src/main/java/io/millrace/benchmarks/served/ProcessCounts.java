package io.millrace.benchmarks.served;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a process holds and has used, as Linux tells it. */
public final class ProcessCounts {
  private static final double TICKS_PER_SECOND = 100;

  private final Path process;

  /** Of the process of that number. */
  public ProcessCounts(long pid) {
    this.process = Path.of("/proc", Long.toString(pid));
  }

  /** Threads there are now. */
  public int threads() throws IOException {
    return (int) status("Threads:");
  }

  /** Files that are open now. */
  public int files() throws IOException {
    try (Stream<Path> open = Files.list(process.resolve("fd"))) {
      return (int) open.count();
    }
  }

  /** Resident memory now. */
  public double megabytes() throws IOException {
    return status("VmRSS:") / 1024.0;
  }

  /** The most resident memory there ever was. */
  public double peakMegabytes() throws IOException {
    return status("VmHWM:") / 1024.0;
  }

  /** Seconds of a processor that it has used, in its own code and in the system's. */
  public double processorSeconds() throws IOException {
    String stat = Files.readString(process.resolve("stat"));
    // The name of the program, in brackets, may have anything in it.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  private long status(String name) throws IOException {
    return Files.readAllLines(process.resolve("status")).stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.substring(name.length()).strip().split(" ")[0]))
        .findFirst()
        .orElseThrow(() -> new IOException(process + " has no " + name));
  }
}
