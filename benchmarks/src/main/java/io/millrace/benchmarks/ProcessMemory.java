package io.millrace.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resident memory of this process as Linux counts it, in bytes. */
final class ProcessMemory {

  private ProcessMemory() {}

  /** Now. */
  static long resident() throws IOException {
    return field("VmRSS:");
  }

  /** The most there ever was. */
  static long peak() throws IOException {
    return field("VmHWM:");
  }

  private static long field(String name) throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).strip().split(" ")[0])
        .mapToLong(kib -> Long.parseLong(kib) * 1024)
        .findFirst()
        .orElseThrow(() -> new IOException(status + " has no " + name));
  }
}
